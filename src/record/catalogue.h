/* SPDX-License-Identifier: ISC */
/*
 * The catalogue of fields as one process knows it: the rows of table `field`,
 * kept per workspace until the catalogue epoch moves. Nothing else in Praya
 * keeps a list of fields.
 */
#ifndef PRAYA_CATALOGUE_H
#define PRAYA_CATALOGUE_H

#include "principal.h"
#include "response.h"
#include "view.h"

enum field_type {
	FIELD_TEXT,
	FIELD_LONG_TEXT,
	FIELD_NUMBER, /* up to six decimals; stored in millionths */
	FIELD_SIZE,   /* bytes of a file */
	FIELD_DATE,
	FIELD_TIME,
	FIELD_CHOICE,
	FIELD_BOOLEAN,
	FIELD_EMAIL,
	FIELD_PHONE,
	FIELD_URL,
	FIELD_HKID,
	FIELD_MONEY, /* minor units; an invoice's own currency, else the workspace's */
	FIELD_CURRENCY,
	FIELD_TAGS,
	FIELD_USER, /* references: ids */
	FIELD_TEAM,
	FIELD_COMPANY,
	FIELD_CONTACT,
	FIELD_TYPE_MAX
};

struct choice {
	const char *value;
	const char *label_en;
	const char *label_zh;
};

struct field {
	int64_t id;
	size_t place; /* in the catalogue */
	enum entity entity;
	const char *name;
	const char *column; /* quoted where SQL needs it: lower case letters, digits, _ */
	enum field_type type;
	const char *label_en;
	const char *label_zh;
	const char *section;
	const char *category; /* kind of personal data; "none": not personal */
	const char *purpose;
	const char *justification;
	bool sealed;
	bool enabled;
	bool builtin;
	bool writable;
	bool required;
	bool listed;
	int64_t max_length; /* characters */
	struct choice *choices;
	size_t nchoices;
	const char *state; /* live, adding, sealing, unsealing, dropping */
	int64_t version;
};

struct catalogue {
	int64_t epoch;
	const char *currency; /* the workspace's */
	struct field *fields; /* in order of entity, position */
	size_t n;
};

/* epoch 0: whatever is current (the worker and commands). *cat_r NULL: the
 * catalogue has moved on from that epoch. Must not be called while a transaction
 * on c is open. Valid until the next call for the workspace. */
struct err *catalogue_load(struct conn *c, struct arena *a, const struct tenant *tn, int64_t epoch,
	const struct catalogue **cat_r);
/* NULL when there is no such field; disabled ones are found. */
const struct field *catalogue_find(const struct catalogue *cat, enum entity e, const char *name);
/* Enabled, live, and not hidden from the principal; with its level. NULL else. */
const struct field *catalogue_visible(const struct catalogue *cat, const struct principal *p,
	enum entity e, const char *name, enum field_level *level_r);
/* What the principal's profile says of it, whether or not it is live. */
enum field_level field_level(const struct principal *p, const struct field *f);
bool field_is_personal(const struct field *f);
bool field_is_live(const struct field *f);
/* Can lists be filtered by it? Not by a file's size, and not by such texts around a
 * contact that are too long for anybody to type one: they have no index. */
bool field_filters(const struct field *f);
const char *field_label(const struct field *f, enum lang l);
const char *field_type_name(enum field_type t);
/* FIELD_TYPE_MAX when there is no such type. */
enum field_type field_type_parse(const char *name);
const struct choice *field_choice(const struct field *f, const char *value);

#endif
