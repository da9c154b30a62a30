/* SPDX-License-Identifier: ISC */
#include "action.h"

#include <string.h>

#define ACTION(name, view, kind) (&(const struct audit_action){name, AUDIT_##view, kind})

const struct audit_action *const audit_actions[] = {
	ACTION("view", ALL, "neutral"),
	ACTION("list", ALL, "neutral"),
	ACTION("search", ALL, "neutral"),
	ACTION("reveal", PRIVACY, "warning"),
	ACTION("create", CHANGES, "info"),
	ACTION("update", CHANGES, "info"),
	ACTION("archive", CHANGES, "info"),
	ACTION("restore", CHANGES, "info"),
	ACTION("delete", CHANGES, "danger"),
	ACTION("import", CHANGES, "info"),
	ACTION("export", EXPORTS, "warning"),
	ACTION("download", EXPORTS, "warning"),
	ACTION("send", EXPORTS, "neutral"),
	ACTION("merge", PRIVACY, "info"),
	ACTION("erase", PRIVACY, "danger"),
	ACTION("consent", PRIVACY, "info"),
	ACTION("opt_out", PRIVACY, "info"),
	ACTION("retention", PRIVACY, "neutral"),
	ACTION("permission", SECURITY, "vip"),
	ACTION("setting", SECURITY, "vip"),
	ACTION("support", SECURITY, "vip"),
	ACTION("sign_in", SIGN_INS, "neutral"),
	ACTION("sign_in_failed", SIGN_INS, "danger"),
	ACTION("sign_out", SIGN_INS, "neutral"),
	NULL,
};

static const char *const views[AUDIT_VIEWS] = {
	"all", "changes", "sign_ins", "security", "exports", "privacy"};

const struct audit_action *
audit_action_find(const char *name)
{
	for (const struct audit_action *const *a = audit_actions; *a != NULL; a++)
		if (strcmp((*a)->name, name) == 0)
			return *a;
	return NULL;
}

const char *
audit_view_name(enum audit_view v)
{
	return views[v];
}

enum audit_view
audit_view_parse(const char *name)
{
	int v = 0;

	while (v < AUDIT_VIEWS && strcmp(views[v], name) != 0)
		v++;
	return (enum audit_view)v;
}
