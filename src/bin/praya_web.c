/* SPDX-License-Identifier: ISC */
/*
 * praya-web: one FastCGI process, one request at a time, many under a
 * supervisor. Usage: praya-web [--config FILE], the listening socket on descriptor 0.
 */
#include <stdio.h>
#include <string.h>

#include "harden.h"
#include "heap.h"
#include "log.h"
#include "metrics.h"
#include "password_rule.h"
#include "routes.h"
#include "server.h"

int
main(int argc, char **argv)
{
	const char *path = NULL, *why = NULL;
	const struct settings *st;
	struct tenancy *tenancy;

	log_init("praya-web");
	if (argc == 3 && strcmp(argv[1], "--config") == 0)
		path = argv[2];
	else if (argc != 1)
		log_fatal("usage: praya-web [--config FILE]");
	process_harden();
	heap_init();
	st = settings_load(path, &why);
	if (st == NULL)
		log_fatal("configuration: %s", why);
	if (!password_rules_load(st, &why))
		log_fatal("%s: %s", st->passwords, why);
	tenancy = tenancy_new(st);
	tenancy_start(tenancy);
	view_init(st->templates, st->i18n, st->assets, st->development);
	routes_init(praya_routes);
	metrics_open(st->metrics);
	gate_init(st, tenancy, &praya_hooks);
	server_run(gate_serve, gate_rest);
	tenancy_free(&tenancy);
	return 0;
}
