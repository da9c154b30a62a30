/* SPDX-License-Identifier: ISC */
/* One row an entity: what it adds to the common pages. */
#include "activity.h"
#include "attachment.h"
#include "company.h"
#include "contact.h"
#include "invoice.h"
#include "message.h"

const struct entity_hooks *
entity_hooks(enum entity e)
{
	static const struct entity_hooks nothing;
	static const struct entity_hooks *const all[ENTITY_MAX] = {
		[ENTITY_CONTACT] = &contact_hooks,
		[ENTITY_COMPANY] = &company_hooks,
		[ENTITY_ACTIVITY] = &activity_hooks,
		[ENTITY_MESSAGE] = &message_hooks,
		[ENTITY_ATTACHMENT] = &attachment_hooks,
		[ENTITY_INVOICE] = &invoice_hooks,
	};

	return all[e] != NULL ? all[e] : &nothing;
}
