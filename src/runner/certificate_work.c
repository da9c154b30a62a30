/* SPDX-License-Identifier: ISC */
#include "certificate_work.h"

#include <string.h>

#include "compose.h"
#include "destroy_mail.h"
#include "log.h"
#include "outbox.h"
#include "response.h"
#include "smtp.h"

static const char *
text_of(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

/* *later_r: the relay does not take it now; else it is sent, or never will be. */
static struct err *
send(struct tenancy *t, struct arena *a, certificate_paper *paper, const struct destroy_mail *d,
	struct json_object *to, bool *later_r)
{
	const struct settings *st = tenancy_settings(t);
	struct letter_file files[2] = {{.name = "certificate.pdf", .type = "application/pdf"},
		{.name = "certificate.json",
			.type = "application/json",
			.content = {(unsigned char *)arena_strdup(a, d->certificate),
				strlen(d->certificate)}}};
	struct outgoing m = {.kind = "destroyed",
		.to = text_of(to, "email"),
		.name = text_of(to, "name"),
		.lang = lang_parse(text_of(to, "language")),
		.subject_arg = d->name};
	struct json_object *mail;
	struct smtp_result r;
	struct bytes message;
	struct letter l;

	*later_r = false;
	TRY(paper(a, d->certificate, m.lang, &files[0].content));
	m.data = model_object(a);
	model_text(m.data, "workspace", "Praya");
	model_text(m.data, "name", m.name);
	model_text(m.data, "name_of", d->name);
	model_text(m.data, "slug", d->slug);
	TRY(outbox_write(a, &m, &mail));
	l = (struct letter){.from = st->mail_from,
		.from_name = "Praya",
		.to = m.to,
		.to_name = m.name,
		.subject = text_of(mail, "subject"),
		.html = text_of(mail, "html"),
		.lang = text_of(mail, "lang"),
		.message_id = text_of(mail, "id"),
		.domain = st->base_domain,
		.date = d->now,
		.files = files,
		.nfiles = 2};
	if (!compose(a, &l, &message)) {
		log_warn("certificate of tenant=%lld not sent: an address or a text that no mail "
			 "can have",
			(long long)d->tenant_id);
		return NULL;
	}
	r = smtp_send(a, st, m.to, message.p, message.n);
	*later_r = r.outcome == SMTP_LATER;
	if (r.outcome != SMTP_SENT)
		log_warn("certificate of tenant=%lld not sent: %s status=%ld",
			(long long)d->tenant_id, r.why, r.status);
	return NULL;
}

/* One after the other: who has it is not sent it again. */
static struct err *
send_all(struct tenancy *t, struct arena *a, certificate_paper *paper, const struct destroy_mail *d)
{
	size_t n = json_object_array_length(d->owners);
	bool later = false;

	for (size_t i = 0; i < n && !later; i++) {
		struct arena_mark mark = arena_mark(a);

		TRY(send(t, a, paper, d, json_object_array_get_idx(d->owners, i), &later));
		if (!later)
			TRY(destroy_mail_done(t, a, d, i + 1));
		arena_release(a, mark);
	}
	return NULL;
}

struct err *
certificate_work(struct tenancy *t, struct arena *a, certificate_paper *paper,
	const volatile sig_atomic_t *stop)
{
	struct destroy_mail d;
	bool found = tenancy_settings(t)->mail_relay != NULL;

	while (found && !*stop) {
		struct arena_mark mark = arena_mark(a);
		struct err *e;

		TRY(destroy_mail_take(t, a, &d, &found));
		if (!found)
			break;
		e = send_all(t, a, paper, &d);
		json_object_put(d.owners);
		TRY(e);
		arena_release(a, mark);
	}
	return NULL;
}
