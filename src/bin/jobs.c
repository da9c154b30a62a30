/* SPDX-License-Identifier: ISC */
#include "jobs.h"

#include "audit_export.h"
#include "books.h"
#include "breach_letter.h"
#include "case_copy.h"
#include "case_remind.h"
#include "certificate_pdf.h"
#include "chain_job.h"
#include "chores.h"
#include "closing.h"
#include "erase.h"
#include "erase_job.h"
#include "export_guard.h"
#include "exposure.h"
#include "field_job.h"
#include "hand_over.h"
#include "import.h"
#include "incident.h"
#include "leak_job.h"
#include "letter_job.h"
#include "link_job.h"
#include "list_export.h"
#include "mail_job.h"
#include "mail_tray.h"
#include "month.h"
#include "person_export.h"
#include "routes.h"
#include "store_sweep.h"
#include "watch.h"
#include "whole.h"

/* What has been ordered for good, or is Praya's own, asks for no right any more. */
static const struct job_kind kinds[] = {
	{"audit_verify", RIGHT_VIEW_AUDIT, chain_verify_step, NULL},
	{"books_export", RIGHT_CLOSE_WORKSPACE, books_step, export_failed},
	{"case_copy", RIGHT_RUN_REQUESTS, case_copy_step, NULL},
	{"case_package", RIGHT_RUN_REQUESTS, case_package_step, NULL},
	{"import", RIGHT_IMPORT, import_step, NULL},
	{"person_export", RIGHT_RUN_REQUESTS, person_export_step, export_failed},
	{"list_export", RIGHT_EXPORT, list_export_step, export_failed},
	{"workspace_export", RIGHT_CLOSE_WORKSPACE, whole_export_step, export_failed},
	{"log_export", RIGHT_VIEW_AUDIT, audit_export_step, export_failed},
	{"erase_receipt", RIGHT_ERASE, erase_receipt_step, NULL},
	{"erase_scan", RIGHT_SELF, erase_scan_step, NULL},
	{"scrub", RIGHT_SELF, scrub_step, NULL},
	{"breach_letters", RIGHT_RUN_REQUESTS, breach_letter_step, NULL},
	{"exposure", RIGHT_RUN_REQUESTS, exposure_step, NULL},
	{"incident_form", RIGHT_RUN_REQUESTS, incident_form_step, NULL},
	{"field_add", RIGHT_SELF, field_add_step, NULL},
	{"field_drop", RIGHT_SELF, field_drop_step, NULL},
	{"field_seal", RIGHT_SELF, field_seal_step, field_seal_failed},
	{"hand_over", RIGHT_SELF, hand_over_step, NULL},
	{"leak_test", RIGHT_SELF, leak_test_step, NULL},
	{"letter_pdf", RIGHT_SELF, letter_pdf_step, NULL},
	{"link", RIGHT_SELF, link_step, NULL},
	{"mail", RIGHT_SELF, mail_step, mail_failed},
	{"mail_tray", RIGHT_SELF, mail_tray_step, NULL},
	{NULL, RIGHT_UNSET, NULL, NULL},
};

/* Name, seconds between two runs at least, function. */
static const struct chore chores[] = {
	{"audit_index", 60, chore_audit_index},
	{"audit_seal", 60, chain_chore},
	{"audit_months", 3600, audit_months_chore},
	{"backup", 600, chore_backup},
	{"expire", 600, chore_expire},
	{"export_lapse", 3600, export_lapse},
	{"import_expire", 3600, import_expire_chore},
	{"erase_due", 3600, erase_due_chore},
	{"erase_resume", 60, erase_resume_chore},
	{"requests", 3600, case_remind_chore},
	{"leak_test", 600, leak_test_chore},
	{"watch", 60, watch_chore},
	{"rekey", 6 * 3600, chore_rekey},
	{"store_sweep", 24 * 3600, store_sweep_chore},
	/* The last one: after it there may be no workspace. */
	{"closing", 60, closing_chore},
	{NULL, 0, NULL},
};

const struct worker_work praya_work = {certificate_pdf, kinds, chores};

void
praya_work_prepare(const struct settings *st, struct tenancy *t)
{
	routes_init(praya_routes);
	gate_init(st, t, &praya_hooks);
}
