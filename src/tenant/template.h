/* SPDX-License-Identifier: ISC */
/* Schemas: of the template of workspaces, of workspaces, of the region. Inside tenant/ only. */
#ifndef PRAYA_TEMPLATE_H
#define PRAYA_TEMPLATE_H

#include "conn.h"
#include "seal.h"
#include "settings.h"

/* Makes the template when it is missing, brings schema praya_sys and the
 * migrations up to date, and leaves it closed to every connection. `admin` is
 * the superuser's, to database postgres. */
struct err *template_update(const struct settings *st, const struct seal_key *master,
	struct conn_pool *pool, struct conn *admin, struct arena *a);

/* The region's own database and, when it lies in this cluster, the directory. */
struct err *services_update(const struct settings *st, const struct seal_key *master,
	struct conn_pool *pool, struct conn *admin, struct arena *a);

/* Schema praya_sys and migrations of one database that connections can reach. */
struct err *database_update(const struct settings *st, const struct seal_key *master,
	struct conn_pool *pool, struct arena *a, const char *database);

#endif
