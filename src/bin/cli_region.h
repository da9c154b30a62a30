/* SPDX-License-Identifier: ISC */
/* One command line for all regions whose configurations this machine has (Regions.*). */
#ifndef PRAYA_CLI_REGION_H
#define PRAYA_CLI_REGION_H

#include "cli.h"

/* Starts the program anew with the configuration of the region that a command is about,
 * by its SLUG or --region; returns where it is this region's, or not known. argv: from
 * the verb on. */
struct err *cli_region_go(struct cli *c, int argc, char **argv);
/* *st_r NULL: there is no configuration of that region here. */
struct err *cli_region_settings(struct cli *c, const char *region, const struct settings **st_r);

#define REGIONS 3
/* The next of the other regions whose configuration is here, from *i = 0 on; the caller ends it
 * with tenancy_free(). *there_r NULL: there are no more. */
struct err *cli_region_next(struct cli *c, size_t *i, struct tenancy **there_r);

#endif
