/* SPDX-License-Identifier: ISC */
#include "entity.h"

#include <string.h>

/* Times in cursors are text with microseconds. */
#define TIME_SORT(name, expr) \
	{ \
		name, expr, "timestamptz", "(" expr ")::text" \
	}
#define DATE_SORT(name, expr) \
	{ \
		name, expr, "date", "(" expr ")::text" \
	}
#define TEXT_SORT(name, expr) \
	{ \
		name, expr, "text", expr \
	}
#define SORT_END \
	{ \
		NULL, NULL, NULL, NULL \
	}
#define LAST "U&'\\FFFF'"

static const struct sort_key contact_sorts[] = {
	TIME_SORT("updated_at", "r.updated_at"),
	TIME_SORT("created_at", "r.created_at"),
	TEXT_SORT("name_en", "(coalesce(r.name_en, " LAST ") collate \"en-x-icu\")"),
	TEXT_SORT("name_zh", "(coalesce(r.name_zh, " LAST ") collate \"zh-Hant-x-icu\")"),
	TIME_SORT("last_activity_at", "coalesce(r.last_activity_at, '-infinity'::timestamptz)"),
	SORT_END,
};
static const struct sort_key company_sorts[] = {
	TIME_SORT("updated_at", "r.updated_at"),
	TEXT_SORT("name_en", "(coalesce(r.name_en, " LAST ") collate \"en-x-icu\")"),
	TEXT_SORT("name_zh", "(coalesce(r.name_zh, " LAST ") collate \"zh-Hant-x-icu\")"),
	SORT_END,
};
static const struct sort_key happened_sorts[] = {
	TIME_SORT("happened_at", "r.happened_at"), SORT_END};
static const struct sort_key created_sorts[] = {TIME_SORT("created_at", "r.created_at"), SORT_END};
static const struct sort_key invoice_sorts[] = {
	DATE_SORT("issued_on", "r.issued_on"), TEXT_SORT("number", "r.number"), SORT_END};

static const struct entity_def defs[ENTITY_MAX] = {
	[ENTITY_CONTACT] = {ENTITY_CONTACT, "contact", "contact_id", "/contacts", false, true,
		"-updated_at", contact_sorts,
		"concat_ws(' ', r.name_en, r.preferred_name, r.surname_en, r.given_en, "
		"r.english_name, "
		"r.name_zh, r.email, r.email2, r.phone, r.phone2, r.whatsapp)",
		"coalesce(r.name_en, r.name_zh)"},
	[ENTITY_COMPANY] = {ENTITY_COMPANY, "company", "company_id", "/companies", false, true,
		"-updated_at", company_sorts,
		"concat_ws(' ', r.name_en, r.name_zh, r.br_number, r.phone, r.email)",
		"coalesce(r.name_en, r.name_zh)"},
	[ENTITY_ACTIVITY] = {ENTITY_ACTIVITY, "activity", "activity_id", "/activities", true, false,
		"-happened_at", happened_sorts, NULL, "r.subject"},
	[ENTITY_MESSAGE] = {ENTITY_MESSAGE, "message", "message_id", "/messages", true, false,
		"-happened_at", happened_sorts, NULL, "r.subject"},
	[ENTITY_ATTACHMENT] = {ENTITY_ATTACHMENT, "attachment", "attachment_id", "/attachments",
		true, false, "-created_at", created_sorts, NULL, "r.file_name"},
	[ENTITY_INVOICE] = {ENTITY_INVOICE, "invoice", "invoice_id", "/invoices", true, false,
		"-issued_on", invoice_sorts, NULL, "r.number"},
};

const struct entity_def *
entity_def(enum entity e)
{
	return &defs[e];
}

const struct sort_key *
entity_sort(const struct entity_def *d, const char *name)
{
	for (const struct sort_key *k = d->sorts; k->name != NULL; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
}
