/* SPDX-License-Identifier: ISC */
#include "routes.h"

#include "activity.h"
#include "attachment.h"
#include "books.h"
#include "breach_letter.h"
#include "case.h"
#include "case_copy.h"
#include "case_source.h"
#include "case_file.h"
#include "catalogue.h"
#include "closing.h"
#include "company.h"
#include "contact.h"
#include "download.h"
#include "erase.h"
#include "erase_remain.h"
#include "exposure.h"
#include "handover.h"
#include "holiday.h"
#include "retention.h"
#include "disclosure.h"
#include "suppression.h"
#include "import.h"
#include "dashboard.h"
#include "invoice.h"
#include "kept.h"
#include "log_book.h"
#include "leak_page.h"
#include "letter.h"
#include "kept_law.h"
#include "setup.h"
#include "share.h"
#include "takedown.h"
#include "trust.h"
#include "message.h"
#include "mail_tray_page.h"
#include "person_export.h"
#include "workspace.h"

const struct route *const praya_routes[] = {
	audit_export_routes,
	audit_person_routes,
	audit_routes,
	audit_settings_routes,
	audit_whole_routes,
	session_routes,
	contact_routes,
	company_routes,
	erase_routes,
	receipt_routes,
	erase_remain_routes,
	mail_tray_routes,
	exposure_ask_routes,
	exposure_routes,
	handover_routes,
	handover_case_routes,
	holiday_routes,
	suppression_routes,
	disclosure_routes,
	incident_form_routes,
	incident_routes,
	incident_step_routes,
	kept_law_routes,
	books_routes,
	breach_letter_routes,
	case_board_routes,
	case_copy_routes,
	case_consent_routes,
	case_find_routes,
	case_routes,
	case_new_routes,
	case_step_routes,
	case_file_routes,
	intake_routes,
	intake_link_routes,
	closing_routes,
	place_routes,
	trust_routes,
	letter_routes,
	letter_new_routes,
	letter_set_routes,
	log_book_routes,
	retention_routes,
	source_routes,
	download_routes,
	person_export_routes,
	job_routes,
	import_routes,
	activity_routes,
	message_routes,
	attachment_routes,
	invoice_routes,
	kept_routes,
	leak_routes,
	share_routes,
	setup_routes,
	dashboard_routes,
	access_routes,
	account_routes,
	export_ask_routes,
	export_routes,
	export_whole_routes,
	desk_routes,
	field_routes,
	link_routes,
	openapi_routes,
	passkey_routes,
	profile_matrix_routes,
	profile_new_routes,
	profile_routes,
	sign_up_routes,
	support_enter_routes,
	support_routes,
	takedown_routes,
	takedown_item_routes,
	team_routes,
	token_routes,
	two_step_routes,
	user_routes,
	view_as_routes,
	watch_routes,
	way_in_routes,
	welcome_routes,
	NULL,
};

static bool
names_field(void *ctx, const char *entity, const char *name)
{
	const struct request *rq = ctx;
	enum field_level level;

	/* A hidden one is refused where one is refused that never was, and as quickly. */
	return rq->catalogue != NULL && rq->principal != NULL &&
	       catalogue_visible(
		       rq->catalogue, rq->principal, entity_parse(entity), name, &level) != NULL;
}

const struct gate_hooks praya_hooks = {catalogue_load, names_field};
