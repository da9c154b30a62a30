/* SPDX-License-Identifier: ISC */
/*
 * For unit tests that read and change records: custom fields of every type, in
 * the clear and encrypted, and a value for any field of the catalogue.
 */
#ifndef PRAYA_RECORD_FIXTURE_H
#define PRAYA_RECORD_FIXTURE_H

#include "tenant_fixture.h"

#include "column.h"
#include "field.h"
#include "user.h"

/* One custom field, as the job that adds one leaves it. */
static inline void
fixture_field(const struct tenant *tn, enum entity e, const char *type, bool sealed)
{
	struct field f = {.entity = e, .type = field_type_parse(type), .state = "live"};
	const char *sql;
	struct conn *owner;

	f.id = atoi(db_text(fixture_conn(tn->database),
		"select nextval(pg_get_serial_sequence('field', 'field_id'))::text"));
	f.column = arena_printf(a, "cf_%lld", (long long)f.id);
	assert_ok(tenant_conn_migrate(t, a, tn, &owner));
	assert_ok(conn_script(owner, a, column_add_sql(a, &f, f.column, sealed)));
	assert_ok(column_index(owner, a, &f, f.column, sealed, &sql));
	assert_ok(conn_script(owner, a, sql));
	if (!sealed)
		assert_ok(column_sort_index(owner, a, &f, f.column, &sql));
	if (!sealed && sql != NULL)
		assert_ok(conn_script(owner, a, sql));
	fixture_sql(tn->database,
		arena_printf(a,
			"insert into field (field_id, entity, name, column_name, type, label_en, "
			"label_zh, category, sealed, choices) overriding system value values "
			"(%lld, '%s', 'own_%s%s', '%s', '%s', 'X', 'X', 'other', %s, %s)",
			(long long)f.id, entity_name(e), type, sealed ? "_sealed" : "", f.column,
			type, sealed ? "true" : "false",
			f.type == FIELD_CHOICE ? "'[{\"value\": \"red\", \"label_en\": \"R\", "
						 "\"label_zh\": \"R\"}, "
						 "{\"value\": \"blue\", \"label_en\": \"B\", "
						 "\"label_zh\": \"B\"}]'"
					       : "null"));
}

/* Every type that an administrator can add; and the HKID number, which is off at first. */
static inline void
fixture_fields(const struct tenant *tn)
{
	for (const char *const *type = field_new_types; *type != NULL; type++) {
		fixture_field(tn, ENTITY_CONTACT, *type, false);
		fixture_field(tn, ENTITY_CONTACT, *type, true);
		fixture_field(tn, ENTITY_COMPANY, *type, false);
	}
	fixture_sql(tn->database, "update field set enabled = true");
}

/* A value that the field takes. References: number 1. */
static inline const char *
fixture_value(const struct field *f)
{
	static const char *const texts[FIELD_TYPE_MAX] = {
		[FIELD_TEXT] = "Sample",
		[FIELD_LONG_TEXT] = "A longer sample",
		[FIELD_NUMBER] = "12.5",
		[FIELD_SIZE] = "1024",
		[FIELD_DATE] = "1980-02-29",
		[FIELD_TIME] = "2026-01-31T09:30:00Z",
		[FIELD_BOOLEAN] = "true",
		[FIELD_EMAIL] = "sample@example.com",
		[FIELD_PHONE] = "+85221234567",
		[FIELD_URL] = "https://example.com/",
		[FIELD_HKID] = "A123456(3)",
		[FIELD_MONEY] = "1234.50",
		[FIELD_CURRENCY] = "HKD",
		[FIELD_TAGS] = "one, two",
		[FIELD_USER] = "1",
		[FIELD_TEAM] = "1",
		[FIELD_COMPANY] = "1",
		[FIELD_CONTACT] = "1",
	};

	return f->type == FIELD_CHOICE ? f->choices[0].value : texts[f->type];
}

#endif
