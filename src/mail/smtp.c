/* SPDX-License-Identifier: ISC */
#include "smtp.h"

#include <curl/curl.h>
#include <string.h>

#include "log.h"
#include "service.h"

#define CONNECT_MS 10000L
/* A job's lease is half a minute. */
#define TOTAL_MS 25000L

/* Process lifetime: holds the connection. */
static CURL *handle;

/* What curl reads, and the command the relay answered last. */
struct exchange {
	const char *p;
	size_t n;
	char command[5];
};

static size_t
read_message(char *to, size_t size, size_t count, void *ctx)
{
	struct exchange *x = ctx;
	size_t n = size * count < x->n ? size * count : x->n;

	memcpy(to, x->p, n);
	x->p += n;
	x->n -= n;
	return n;
}

static size_t
drop_answer(char *p, size_t size, size_t count, void *ctx)
{
	(void)p;
	(void)ctx;
	return size * count;
}

/* Keeps the verb of each command, never more: the rest can be an address. QUIT
 * is what curl says after a refusal. */
static int
note_command(CURL *h, curl_infotype type, char *p, size_t n, void *ctx)
{
	struct exchange *x = ctx;

	(void)h;
	if (type == CURLINFO_HEADER_OUT && n >= 4 && memcmp(p, "QUIT", 4) != 0) {
		memcpy(x->command, p, 4);
		x->command[4] = '\0';
	}
	return 0;
}

#define SET(option, value) \
	do { \
		if (curl_easy_setopt(handle, (option), (value)) != CURLE_OK) \
			log_fatal("libcurl refuses %s", #option); \
	} while (0)

/* Behind the slash: the name we greet with. */
static const char *
relay_url(struct arena *a, const struct settings *st)
{
	bool implicit = strcmp(st->mail_tls, "implicit") == 0;
	const char *port = strchr(st->mail_relay, ':') != NULL ? "" : implicit ? ":465" : ":587";

	return arena_printf(a, "%s://%s%s/%s", implicit ? "smtps" : "smtp", st->mail_relay, port,
		st->base_domain);
}

static struct err *
set_up(struct arena *a, const struct settings *st, struct exchange *x)
{
	bool tls = strcmp(st->mail_tls, "none") != 0;
	const char *password = NULL;

	if (handle == NULL && (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
				      (handle = curl_easy_init()) == NULL))
		log_fatal("libcurl cannot be set up");
	curl_easy_reset(handle);
	SET(CURLOPT_URL, relay_url(a, st));
	SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	SET(CURLOPT_TIMEOUT_MS, TOTAL_MS);
	SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, TOTAL_MS / 1000);
	SET(CURLOPT_USE_SSL, tls ? CURLUSESSL_ALL : CURLUSESSL_NONE);
	SET(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	if (st->mail_ca != NULL)
		SET(CURLOPT_CAINFO, st->mail_ca);
	SET(CURLOPT_WRITEFUNCTION, drop_answer);
	SET(CURLOPT_VERBOSE, 1L);
	SET(CURLOPT_DEBUGFUNCTION, note_command);
	SET(CURLOPT_DEBUGDATA, x);
	if (st->mail_user == NULL)
		return NULL;
	TRY(password_file_read(a, st->mail_password, &password));
	SET(CURLOPT_USERNAME, st->mail_user);
	SET(CURLOPT_PASSWORD, password);
	return NULL;
}

static struct smtp_result
later(const char *why, long status)
{
	return (struct smtp_result){SMTP_LATER, why, status};
}

/* A lasting "no" is about the recipient or the message; about anything else it
 * is the operator's to mend, and the mail waits. */
static struct smtp_result
answered(const struct exchange *x, long status)
{
	bool never = status >= 500 && status <= 599;

	if (strcmp(x->command, "RCPT") == 0)
		return (struct smtp_result){never ? SMTP_REFUSED : SMTP_LATER, "recipient", status};
	if (strcmp(x->command, "MAIL") == 0)
		return later("sender", status);
	if (strcmp(x->command, "DATA") == 0)
		return (struct smtp_result){never ? SMTP_REFUSED : SMTP_LATER, "message", status};
	return later("unreachable", status);
}

static struct smtp_result
result_of(CURLcode code, const struct exchange *x)
{
	long status = 0;

	curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
	switch (code) {
	case CURLE_OK:
		return (struct smtp_result){SMTP_SENT, "", status};
	case CURLE_OPERATION_TIMEDOUT:
		return later("timeout", status);
	case CURLE_USE_SSL_FAILED:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CIPHER:
		return later("tls", status);
	case CURLE_LOGIN_DENIED:
		return later("sign_in", status);
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_WEIRD_SERVER_REPLY:
		return answered(x, status);
	default:
		return later("unreachable", status);
	}
}

struct smtp_result
smtp_send(struct arena *a, const struct settings *st, const char *to, const void *message, size_t n)
{
	struct exchange x = {message, n, ""};
	struct curl_slist *rcpt;
	struct smtp_result result;

	if (st->mail_relay == NULL)
		return later("not_set", 0);
	if (set_up(a, st, &x) != NULL)
		return later("credentials", 0);
	rcpt = curl_slist_append(NULL, arena_printf(a, "<%s>", to));
	if (rcpt == NULL)
		log_fatal("out of memory");
	SET(CURLOPT_MAIL_FROM, arena_printf(a, "<%s>", st->mail_from));
	SET(CURLOPT_MAIL_RCPT, rcpt);
	SET(CURLOPT_READFUNCTION, read_message);
	SET(CURLOPT_READDATA, &x);
	SET(CURLOPT_UPLOAD, 1L);
	result = result_of(curl_easy_perform(handle), &x);
	curl_slist_free_all(rcpt);
	return result;
}

struct smtp_result
smtp_try(struct arena *a, const struct settings *st)
{
	struct exchange x = {"", 0, ""};

	if (st->mail_relay == NULL)
		return later("not_set", 0);
	if (set_up(a, st, &x) != NULL)
		return later("credentials", 0);
	SET(CURLOPT_CUSTOMREQUEST, "NOOP");
	SET(CURLOPT_NOBODY, 1L);
	return result_of(curl_easy_perform(handle), &x);
}
