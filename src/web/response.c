/* SPDX-License-Identifier: ISC */
#include "response.h"

#include <fcgiapp.h>
#include <string.h>
#include <strings.h>

#include "form.h"
#include "log.h"
#include "server.h"

/* A whole header block; a handler sets a handful of short ones. */
#define HEADERS_MAX ((size_t)32 * 1024)

void
response_init(struct response *rp, struct arena *a, void *fcgi)
{
	*rp = (struct response){.a = a, .status = 200, .stream_size = -1, .fcgi = fcgi};
}

static bool
is_token(const char *s)
{
	return *s != '\0' &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
		       strlen(s);
}

/* Nothing that could begin another header. */
static bool
is_value(const char *s)
{
	for (; *s != '\0'; s++)
		if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
			return false;
	return true;
}

void
response_header(struct response *rp, const char *name, const char *value)
{
	struct response_header *h = ARENA_NEW(rp->a, struct response_header), **end;

	ASSERT(is_token(name) && is_value(value));
	h->name = arena_strdup(rp->a, name);
	h->value = arena_strdup(rp->a, value);
	for (end = &rp->headers; *end != NULL; end = &(*end)->next)
		;
	*end = h;
}

void
response_cookie(struct response *rp, const char *name, const char *value, int max_age)
{
	/* RFC 6265 cookie-octets; our cookies are tokens anyway. */
	ASSERT(is_token(name) && is_value(value) && strpbrk(value, " \t\",;\\") == NULL);
	ASSERT(max_age >= 0);
	response_header(rp, "Set-Cookie",
		arena_printf(rp->a, "%s%s=%s; Path=/; Max-Age=%d; Secure; HttpOnly; SameSite=Lax",
			strncmp(name, "__Host-", 7) == 0 ? "" : "__Host-", name, value, max_age));
}

static const char *
reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} known[] = {
		{200, "OK"},
		{201, "Created"},
		{202, "Accepted"},
		{204, "No Content"},
		{303, "See Other"},
		{304, "Not Modified"},
		{307, "Temporary Redirect"},
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{409, "Conflict"},
		{410, "Gone"},
		{412, "Precondition Failed"},
		{413, "Content Too Large"},
		{415, "Unsupported Media Type"},
		{421, "Misdirected Request"},
		{422, "Unprocessable Content"},
		{428, "Precondition Required"},
		{429, "Too Many Requests"},
		{500, "Internal Server Error"},
		{503, "Service Unavailable"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].status == status)
			return known[i].text;
	return "Unnamed";
}

/*
 * RFC 6266: an ASCII stand-in for old readers, the true name as filename*.
 * What a quoted string or a shell would trip over becomes '_'.
 */
static const char *
disposition(struct arena *a, const char *name)
{
	char *plain = arena_strdup(a, name);
	char *o = plain;
	bool same = true;

	for (const char *p = name; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		/* One '_' a character, not one a byte. */
		if ((c & 0xc0) == 0x80)
			continue;
		if (c >= 0x20 && c < 0x7f && strchr("\"\\/%;'", c) == NULL) {
			*o++ = (char)c;
			continue;
		}
		*o++ = '_';
		same = false;
	}
	*o = '\0';
	if (same)
		return arena_printf(a, "attachment; filename=\"%s\"", plain);
	return arena_printf(a, "attachment; filename=\"%s\"; filename*=UTF-8''%s", plain,
		percent_encode(a, name));
}

static bool
has_header(const struct response *rp, const char *name)
{
	for (const struct response_header *h = rp->headers; h != NULL; h = h->next)
		if (strcasecmp(h->name, name) == 0)
			return true;
	return false;
}

static void
add_header(struct sb *sb, const char *name, const char *value)
{
	ASSERT(is_value(value));
	sb_puts(sb, name);
	sb_puts(sb, ": ");
	sb_puts(sb, value);
	sb_puts(sb, "\r\n");
}

/* size: of the body, -1 when not known beforehand. */
static void
send_headers(struct response *rp, const struct request *rq, const char *type, int64_t size)
{
	bool empty = rp->status == 204 || rp->status == 304;
	FCGX_Request *fc = rp->fcgi;
	struct sb sb;

	sb_init(&sb, rp->a, HEADERS_MAX);
	sb_printf(&sb, "Status: %d %s\r\n", rp->status, reason(rp->status));
	if (type != NULL && !empty)
		add_header(&sb, "Content-Type", type);
	if (size >= 0 && !empty)
		sb_printf(&sb, "Content-Length: %lld\r\n", (long long)size);
	if (rp->file_name != NULL)
		add_header(&sb, "Content-Disposition", disposition(rp->a, rp->file_name));
	if (rp->location != NULL && !has_header(rp, "Location"))
		add_header(&sb, "Location", rp->location);
	/* nginx would keep it and add that of whoever answers in our place. */
	if (!has_header(rp, "Cache-Control") && !has_header(rp, "X-Accel-Redirect"))
		add_header(&sb, "Cache-Control", "no-store");
	if (!has_header(rp, "Vary"))
		add_header(&sb, "Vary", "Cookie");
	add_header(&sb, "X-Request-Id", rq->id);
	for (const struct response_header *h = rp->headers; h != NULL; h = h->next)
		add_header(&sb, h->name, h->value);
	sb_puts(&sb, "\r\n");
	ASSERT(sb_ok(&sb));
	server_drain(fc);
	FCGX_PutStr(sb.p, (int)sb.n, fc->out);
}

void
response_send(struct response *rp, const struct request *rq, const char *content_type,
	const char *body, size_t n)
{
	struct err *e;

	if (body == NULL)
		n = 0;
	send_headers(rp, rq, n > 0 ? content_type : NULL, (int64_t)n);
	if (n == 0 || rq->head || rp->status == 204 || rp->status == 304)
		return;
	/* A client that went away is no error of ours; nobody is left to tell. */
	e = response_write(rp, body, n);
	if (e != NULL)
		server_cut(rp->fcgi);
}

void
response_send_stream(struct response *rp, const struct request *rq)
{
	struct err *e;

	ASSERT(rp->stream != NULL);
	send_headers(rp, rq,
		rp->content_type != NULL ? rp->content_type : "application/octet-stream",
		rp->stream_size);
	if (rq->head)
		return;
	e = rp->stream(rp->stream_ctx, rp);
	if (e == NULL)
		return;
	/* The status is out: only a broken connection tells the client that what
	 * it got is not all. */
	log_error("stream cut short: %s at %s:%d %s", err_name(e->kind), e->file, e->line,
		e->detail != NULL ? e->detail : "");
	server_cut(rp->fcgi);
}

struct err *
response_write(struct response *rp, const void *p, size_t n)
{
	const char *s = p;
	FCGX_Request *fc = rp->fcgi;

	while (n > 0) {
		int part = n > 1 << 20 ? 1 << 20 : (int)n;

		if (FCGX_PutStr(s, part, fc->out) != part)
			return err_internal(rp->a, "the web server closed the connection");
		s += part;
		n -= (size_t)part;
	}
	return NULL;
}
