/* SPDX-License-Identifier: ISC */
#include "routes.h"

#include "catalogue.h"
#include "company.h"
#include "contact.h"
#include "erase.h"
#include "workspace.h"

const struct route *const praya_routes[] = {
	audit_routes,
	session_routes,
	contact_routes,
	company_routes,
	erase_routes,
	NULL,
};

static bool
names_field(void *ctx, const char *entity, const char *name)
{
	const struct request *rq = ctx;

	return rq->catalogue != NULL &&
		catalogue_find(rq->catalogue, entity_parse(entity), name) != NULL;
}

const struct gate_hooks praya_hooks = {catalogue_load, names_field};
