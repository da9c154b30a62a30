/* SPDX-License-Identifier: ISC */
/* praya: the operators' command line. */
#include "cli.h"
#include "harden.h"
#include "log.h"

static const struct cli_verb *const tables[] = {
	cli_backup_verbs,
	cli_closing_verbs,
	cli_key_verbs,
	cli_leak_verbs,
	cli_ledger_verbs,
	cli_log_book_verbs,
	cli_mail_in_verbs,
	cli_mail_verbs,
	cli_metrics_verbs,
	cli_move_verbs,
	cli_operator_verbs,
	cli_setup_verbs,
	cli_tenant_verbs,
	cli_user_verbs,
	cli_import_verbs,
	cli_export_verbs,
	cli_audit_verbs,
	cli_worker_verbs,
	NULL,
};

int
main(int argc, char **argv)
{
	log_init("praya");
	process_harden();
	return cli_main(argc, argv, tables);
}
