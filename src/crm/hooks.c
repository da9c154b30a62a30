/* SPDX-License-Identifier: ISC */
/* One row an entity: what it adds to the common pages. */
#include "company.h"
#include "contact.h"

const struct entity_hooks *
entity_hooks(enum entity e)
{
	static const struct entity_hooks nothing;
	static const struct entity_hooks *const all[ENTITY_MAX] = {
		[ENTITY_CONTACT] = &contact_hooks,
		[ENTITY_COMPANY] = &company_hooks,
	};

	return all[e] != NULL ? all[e] : &nothing;
}
