/* SPDX-License-Identifier: ISC */
#include "entity.h"

#include <string.h>

/* Times in cursors are text with microseconds, as the session writes them. */
#define TIME_SORT(name, expr) \
	{ \
		name, expr, "timestamptz", expr \
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

/* The columns of contact.grams and company.grams, in their order. */
static const char *const contact_words[] = {"name_en", "preferred_name", "surname_en", "given_en",
	"english_name", "name_zh", "email", "email2", "phone", "phone2", "whatsapp", NULL};
static const char *const company_words[] = {
	"name_en", "name_zh", "br_number", "phone", "email", NULL};

static const char *const name_title[] = {"name_en", "name_zh", NULL};
static const char *const subject_title[] = {"subject", NULL};
static const char *const file_title[] = {"file_name", NULL};
static const char *const number_title[] = {"number", NULL};

static const struct entity_def defs[ENTITY_MAX] = {
	[ENTITY_CONTACT] = {ENTITY_CONTACT, "contact", "contact_id", "/contacts", false, true,
		"-updated_at", contact_sorts, contact_words, name_title},
	[ENTITY_COMPANY] = {ENTITY_COMPANY, "company", "company_id", "/companies", false, true,
		"-updated_at", company_sorts, company_words, name_title},
	[ENTITY_ACTIVITY] = {ENTITY_ACTIVITY, "activity", "activity_id", "/activities", true, false,
		"-happened_at", happened_sorts, NULL, subject_title},
	[ENTITY_MESSAGE] = {ENTITY_MESSAGE, "message", "message_id", "/messages", true, false,
		"-happened_at", happened_sorts, NULL, subject_title},
	[ENTITY_ATTACHMENT] = {ENTITY_ATTACHMENT, "attachment", "attachment_id", "/attachments",
		true, false, "-created_at", created_sorts, NULL, file_title},
	[ENTITY_INVOICE] = {ENTITY_INVOICE, "invoice", "invoice_id", "/invoices", true, false,
		"-issued_on", invoice_sorts, NULL, number_title},
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
