/* SPDX-License-Identifier: ISC */
/*
 * praya-worker: background jobs, one at a time; several may run side by side.
 * Usage: praya-worker [--config FILE]. SIGTERM and SIGINT finish the step in
 * hand and give the job back.
 */
#include <signal.h>
#include <string.h>
#include <sys/time.h>

#include "harden.h"
#include "heap.h"
#include "jobs.h"
#include "log.h"
#include "view.h"

/* The signal can come between the look at the flag and the sleep it should cut
 * short; a timer that goes on ringing cuts the sleep short then. */
static void
on_stop(int sig)
{
	static const struct itimerval again = {{0, 100000}, {0, 100000}};

	(void)sig;
	worker_stop();
	setitimer(ITIMER_REAL, &again, NULL);
}

static void
on_alarm(int sig)
{
	(void)sig;
}

static void
take_signals(void)
{
	struct sigaction stop = {.sa_handler = on_stop}, alarm = {.sa_handler = on_alarm},
			 ignore = {.sa_handler = SIG_IGN};

	/* Reads and writes of files go on; poll() and sleep are never restarted. */
	stop.sa_flags = alarm.sa_flags = SA_RESTART;
	if (sigaction(SIGALRM, &alarm, NULL) != 0 || sigaction(SIGTERM, &stop, NULL) != 0 ||
		sigaction(SIGINT, &stop, NULL) != 0 || sigaction(SIGPIPE, &ignore, NULL) != 0)
		log_fatal("signals cannot be set up");
}

int
main(int argc, char **argv)
{
	const char *path = NULL, *why = NULL;
	const struct settings *st;
	struct tenancy *tenancy;

	log_init("praya-worker");
	if (argc == 3 && strcmp(argv[1], "--config") == 0)
		path = argv[2];
	else if (argc != 1)
		log_fatal("usage: praya-worker [--config FILE]");
	process_harden();
	heap_init();
	st = settings_load(path, &why);
	if (st == NULL)
		log_fatal("configuration: %s", why);
	tenancy = tenancy_new(st);
	tenancy_start(tenancy);
	view_init(st->templates, st->i18n, st->assets, st->development);
	praya_work_prepare(st, tenancy);
	take_signals();
	log_info("ready");
	worker_run(tenancy, &praya_work);
	tenancy_free(&tenancy);
	log_info("stopped");
	return 0;
}
