/* SPDX-License-Identifier: ISC */
#include "worker.h"

#include <time.h>

#include "certificate_work.h"
#include "destroy.h"
#include "log.h"
#include "move.h"
#include "sign_up_work.h"
#include "visit.h"
#include "wake.h"

/* What a step may use; a job that needs more is a bug, not a bigger machine. */
#define STEP_MEMORY ((size_t)64 * 1024 * 1024)
#define VISIT_MEMORY ((size_t)8 * 1024 * 1024)
#define TENANTS_AT_ONCE 4
#define SWEEP_MS (6L * 3600 * 1000)
/* A move that was cut off is looked for as often. */
#define LEFT_MS (5L * 60 * 1000)
/* Without a ring: how long to sleep at most, and after a failure. */
#define SLEEP_MS (5 * 60 * 1000)
#define FAILED_MS 5000
#define PAUSE_MS 50
/* Between rounds of visits: so many times as long as they took, at most. */
#define BREATHS 3
#define BREATH_MS 3000
/* A failed visit is repeated after so many microseconds. */
#define AGAIN_USEC 10000000
/* Connections of workspaces that were not visited for so long are closed. Where somebody is
 * at work there is a visit a minute, which finds its plans made. */
#define IDLE_SECONDS 150

static struct worker worker;

void
worker_stop(void)
{
	worker.stop = 1;
}

static void
worker_init(struct tenancy *t, const struct worker_work *work)
{
	struct worker *w = &worker;

	w->tenancy = t;
	w->work = work;
	w->visit = arena_new(VISIT_MEMORY);
	w->claim = arena_new(VISIT_MEMORY);
	w->step = arena_new(STEP_MEMORY);
	while (work->kinds[w->nkinds].name != NULL)
		w->nkinds++;
}

static void
worker_free(void)
{
	arena_free(&worker.step);
	arena_free(&worker.claim);
	arena_free(&worker.visit);
}

/* The names live in the arena of the visit, so they are made anew with it. */
static void
begin_visit(struct worker *w)
{
	arena_reset(w->step);
	arena_reset(w->claim);
	arena_reset(w->visit);
	w->kinds = ARENA_ARRAY(w->visit, w->nkinds + 1, const char *);
	for (size_t i = 0; i < w->nkinds; i++)
		w->kinds[i] = w->work->kinds[i].name;
}

static void
log_trouble(const char *doing, const struct err *e)
{
	log_error("%s: %s: %s", doing, err_name(e->kind), e->detail != NULL ? e->detail : "");
}

static struct err *
visit_id(struct worker *w, int64_t id)
{
	struct tenant *tn = NULL;
	struct err *e;
	int64_t usec = -1;

	begin_visit(w);
	e = tenant_by_id(w->tenancy, w->visit, id, &tn);
	if (e == NULL && tn != NULL)
		e = visit_tenant(w, tn, &usec);
	/* The visit was its end: whatever failed after that is none of it. */
	if (tn != NULL && tn->state == TENANT_DESTROYED) {
		log_context_clear();
		return NULL;
	}
	if (e != NULL) {
		log_trouble("visit", e);
		usec = AGAIN_USEC;
	}
	log_context_clear();
	return wake_done(w->tenancy, w->visit, id, usec);
}

/* Somebody sits and waits for these: they go before every visit, and hold up none. */
static bool
sign_ups(struct worker *w)
{
	struct err *e = sign_up_work(w->tenancy, w->visit, &w->stop);

	if (e != NULL)
		log_trouble("sign-ups", e);
	return e == NULL;
}

static void
certificates(struct worker *w)
{
	struct err *e = certificate_work(w->tenancy, w->visit, w->work->paper, &w->stop);

	if (e != NULL)
		log_trouble("certificates", e);
}

/* What has come up since the last round. */
static struct err *
work_round(struct worker *w, struct arena *a, size_t *n_r)
{
	int64_t *ids;

	TRY(wake_take(w->tenancy, a, TENANTS_AT_ONCE, &ids, n_r));
	sign_ups(w);
	for (size_t i = 0; i < *n_r; i++) {
		/* What this round no longer reaches comes up again at once. */
		if (w->stop)
			TRY(wake_done(w->tenancy, a, ids[i], 0));
		else
			TRY(visit_id(w, ids[i]));
		sign_ups(w);
	}
	certificates(w);
	return NULL;
}

static int
give_up_idle(struct worker *w)
{
	return conn_pool_trim(tenancy_pool(w->tenancy), IDLE_SECONDS);
}

/* Until somebody rings, work is due, or a signal comes. */
static struct err *
rest(struct worker *w, struct arena *a)
{
	struct conn *cell;
	int ms, idle;

	TRY(wake_wait(w->tenancy, a, SLEEP_MS, &ms));
	TRY(cell_conn(w->tenancy, a, &cell));
	idle = give_up_idle(w);
	/* It gets up for that alone: a workspace that nobody uses has no connection. */
	if (idle >= 0 && idle * 1000 < ms)
		ms = idle * 1000;
	/* Due, but in another worker's hands: no reason to run in circles. */
	if (ms < PAUSE_MS)
		ms = PAUSE_MS;
	if (!w->stop)
		conn_wait(cell, ms);
	return NULL;
}

/* Looking after logs and the like is what nobody waits for: where a thousand workspaces are
 * in use it takes a quarter of the time, and leaves the server to pages for the rest. */
static struct err *
breathe(struct worker *w, struct arena *a, int64_t took)
{
	int64_t ms = took * BREATHS;
	struct conn *cell;

	TRY(cell_conn(w->tenancy, a, &cell));
	if (ms > 0 && !w->stop)
		conn_wait(cell, (int)(ms < BREATH_MS ? ms : BREATH_MS));
	return NULL;
}

/* Once at the start and then now and again; nothing else waits for it. */
static void
moves_left(struct worker *w, struct arena *a)
{
	static int64_t looked;
	struct err *e;

	if (looked != 0 && worker_now() - looked < LEFT_MS)
		return;
	e = tenant_move_left(w->tenancy, a);
	if (e != NULL)
		log_trouble("moves", e);
	looked = worker_now();
}

static struct err *
loop_once(struct worker *w, struct arena *a, int64_t *swept)
{
	struct conn *cell;
	int64_t start;
	size_t n;

	TRY(cell_conn(w->tenancy, a, &cell));
	/* Listening before looking: a ring in between is not lost. */
	TRY(conn_listen(cell, a, WAKE_CHANNEL));
	if (*swept == 0 || worker_now() - *swept > SWEEP_MS) {
		TRY(tenant_destroy_left(w->tenancy, a));
		TRY(wake_sweep(w->tenancy, a));
		*swept = worker_now();
	}
	moves_left(w, a);
	w->job = false;
	start = worker_now();
	TRY(work_round(w, a, &n));
	/* Where others always have work, there is no rest. */
	(void)give_up_idle(w);
	if (w->stop || w->job)
		return NULL;
	return n > 0 ? breathe(w, a, worker_now() - start) : rest(w, a);
}

void
worker_run(struct tenancy *t, const struct worker_work *work)
{
	struct worker *w = &worker;
	struct arena *a;
	int64_t swept = 0;

	worker_init(t, work);
	a = arena_new(VISIT_MEMORY);
	while (!w->stop) {
		struct err *e = loop_once(w, a, &swept);

		if (e != NULL) {
			struct timespec pause = {FAILED_MS / 1000, 0};

			log_trouble("worker", e);
			/* What was taken when the database went away is looked
			 * for again, not left to its five minutes. */
			swept = 0;
			nanosleep(&pause, NULL);
		}
		arena_reset(a);
	}
	arena_free(&a);
	worker_free();
}

/* Visits until nothing is due; a job that waits for its next attempt is not. */
static bool
work_off(struct worker *w, int64_t id)
{
	struct tenant *tn;
	int64_t usec = 0;

	while (usec == 0 && !w->stop) {
		struct err *e;

		begin_visit(w);
		tn = NULL;
		e = tenant_by_id(w->tenancy, w->visit, id, &tn);
		usec = -1;
		if (e == NULL && tn != NULL)
			e = visit_tenant(w, tn, &usec);
		/* The visit was its end: whatever failed after that is none of it. */
		if (tn != NULL && tn->state == TENANT_DESTROYED)
			break;
		if (e == NULL)
			e = wake_done(w->tenancy, w->visit, id, usec);
		if (e != NULL) {
			log_trouble("visit", e);
			log_context_clear();
			return false;
		}
	}
	log_context_clear();
	return true;
}

static bool
work_off_all(struct worker *w)
{
	struct arena *a = arena_new(VISIT_MEMORY);
	struct tenant **list;
	bool ok = true;
	struct err *e;
	size_t n = 0;

	e = tenant_list(w->tenancy, a, &list, &n);
	if (e != NULL) {
		log_trouble("workspaces", e);
		ok = false;
		n = 0;
	}
	ok = sign_ups(w) && ok;
	for (size_t i = 0; i < n && !w->stop; i++)
		ok = work_off(w, list[i]->id) && ok;
	arena_free(&a);
	return ok;
}

bool
worker_once(struct tenancy *t, const struct worker_work *work, const struct tenant *only)
{
	bool ok;

	worker_init(t, work);
	ok = only != NULL ? work_off(&worker, only->id) : work_off_all(&worker);
	certificates(&worker);
	worker_free();
	return ok;
}
