/* SPDX-License-Identifier: ISC */
#include "shape.h"

#include <string.h>

#include "cluster.h"
#include "response.h"
#include "sb.h"
#include "tx.h"

#define SHAPE_MAX ((size_t)1 << 20)
/* More of one workspace say no more. */
#define SHOWN 10

/* Not of partitions, which are the log's months, of extensions, nor of pg_repack's work. */
STMT(shape, "owner.shape", 0,
	"select 'policy ' || p.polname || ' on ' || c.relname, md5(concat_ws('|', p.polcmd, "
	"p.polpermissive, (select string_agg(coalesce(r.rolname, 'public'), ',' order by "
	"r.rolname) from unnest(p.polroles) x (oid) left join pg_roles r on r.oid = x.oid), "
	"coalesce(pg_get_expr(p.polqual, p.polrelid), '-'), "
	"coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '-'))) "
	"from pg_policy p join pg_class c on c.oid = p.polrelid "
	"where c.relnamespace = 'public'::regnamespace and not c.relispartition "
	"union all select 'trigger ' || t.tgname || ' on ' || c.relname, "
	"md5(t.tgenabled::text || pg_get_triggerdef(t.oid)) "
	"from pg_trigger t join pg_class c on c.oid = t.tgrelid "
	"where c.relnamespace = 'public'::regnamespace and not c.relispartition "
	"and not t.tgisinternal and t.tgname <> 'repack_trigger' "
	"union all select 'function ' || f.proname || '(' || "
	"pg_get_function_identity_arguments(f.oid) || ')', "
	"md5(pg_get_userbyid(f.proowner) || pg_get_functiondef(f.oid)) from pg_proc f "
	"where f.pronamespace = 'public'::regnamespace and f.prokind in ('f', 'p') "
	"and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass "
	"and d.objid = f.oid and d.deptype = 'e') order by 1");
STMT(kept, "cluster.shape", 0,
	"select shobj_description(oid, 'pg_database') from pg_database "
	"where datname = 'praya_template'");

struct err *
shape_keep(struct conn *c, struct conn *admin, struct arena *a)
{
	struct json_object *o = model_own(a, json_object_new_object());
	struct rows *rows;
	struct sb sb;

	TRY(conn_query(c, a, &shape, NO_VALS, &rows));
	for (size_t i = 0; i < rows_count(rows); i++)
		json_object_object_add(
			o, rows_text(rows, i, 0), json_object_new_string(rows_text(rows, i, 1)));
	sb_init(&sb, a, SHAPE_MAX);
	sb_puts(&sb, "comment on database " TEMPLATE_DATABASE " is '");
	for (const char *p = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN); *p != '\0';
		p++) {
		if (*p == '\'')
			sb_putc(&sb, '\'');
		sb_putc(&sb, *p);
	}
	sb_puts(&sb, "'");
	return sb_ok(&sb) ? conn_script(admin, a, sb.p)
			  : err_internal(a, "the shape of the template is too long");
}

struct err *
shape_kept(struct conn *admin, struct arena *a, struct json_object **kept_r)
{
	struct rows *rows;
	const char *text;

	*kept_r = NULL;
	TRY(conn_query(admin, a, &kept, NO_VALS, &rows));
	text = rows_count(rows) > 0 ? rows_text(rows, 0, 0) : NULL;
	if (text != NULL)
		*kept_r = model_own(a, json_tokener_parse(text));
	if (!json_object_is_type(*kept_r, json_type_object))
		*kept_r = NULL;
	return NULL;
}

struct check {
	struct findings *to;
	const char *about;
	const char *mend;
	size_t n;
};

static void
differs(struct check *c, const char *what, const char *how)
{
	if (c->n++ < SHOWN)
		finding_add(c->to, FINDING_FAULT, c->about, c->mend, "%s %s", what, how);
}

void
shape_check(struct findings *to, struct conn *conn, const char *about, const char *slug,
	struct json_object *expected)
{
	struct check c = {.to = to,
		.about = about,
		.mend = arena_printf(to->a,
			"praya tenant migrate %s --again; what it says of one that is not Praya's "
			"stays: drop that one",
			slug)};
	struct json_object *there = model_object(to->a), *want;
	struct rows *rows;

	if (conn_query(conn, to->a, &shape, NO_VALS, &rows) != NULL)
		return; /* that it does not answer has been said */
	for (size_t i = 0; i < rows_count(rows); i++) {
		const char *name = rows_text(rows, i, 0);

		model_bool(there, name, true);
		if (!json_object_object_get_ex(expected, name, &want))
			differs(&c, name, "is not Praya's");
		else if (strcmp(json_object_get_string(want), rows_text(rows, i, 1)) != 0)
			differs(&c, name, "is not as this release made it");
	}
	json_object_object_foreach(expected, name, value)
	{
		(void)value;
		if (!json_object_object_get_ex(there, name, &want))
			differs(&c, name, "is missing");
	}
	if (c.n > SHOWN)
		finding_add(to, FINDING_FAULT, about, c.mend, "%zu more of them", c.n - SHOWN);
	if (c.n == 0)
		finding_add(to, FINDING_OK, about, "",
			"policies, triggers and functions as this release made them");
}
