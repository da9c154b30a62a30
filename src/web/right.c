/* SPDX-License-Identifier: ISC */
#include "right.h"

#include <stddef.h>
#include <string.h>

#include "log.h"

static const char *const names[RIGHT_MAX] = {
	[RIGHT_UNSET] = "unset",
	[RIGHT_PUBLIC] = "public",
	[RIGHT_ENTRY] = "entry",
	[RIGHT_SELF] = "self",
	[RIGHT_OPERATOR] = "operator",
	[RIGHT_VIEW] = "view",
	[RIGHT_CREATE] = "create",
	[RIGHT_EDIT] = "edit",
	[RIGHT_DELETE] = "delete",
	[RIGHT_EXPORT] = "export",
	[RIGHT_IMPORT] = "import",
	[RIGHT_MANAGE_USERS] = "manage_users",
	[RIGHT_MANAGE_PROFILES] = "manage_profiles",
	[RIGHT_MANAGE_FIELDS] = "manage_fields",
	[RIGHT_MANAGE_WORKSPACE] = "manage_workspace",
	[RIGHT_RUN_REQUESTS] = "run_requests",
	[RIGHT_APPROVE_REQUESTS] = "approve_requests",
	[RIGHT_VIEW_AUDIT] = "view_audit",
	[RIGHT_ERASE] = "erase",
	[RIGHT_SEND_MARKETING] = "send_marketing",
	[RIGHT_APPROVE_EXPORTS] = "approve_exports",
	[RIGHT_CLOSE_WORKSPACE] = "close_workspace",
	[RIGHT_SEE_VIP] = "see_vip",
};

const char *
right_name(enum right r)
{
	ASSERT((int)r >= 0 && r < RIGHT_MAX);
	return names[r];
}

enum right
right_parse(const char *name)
{
	/* "unset" is no right anybody can name. */
	for (size_t i = RIGHT_UNSET + 1; i < RIGHT_MAX; i++)
		if (strcmp(names[i], name) == 0)
			return (enum right)i;
	return RIGHT_UNSET;
}
