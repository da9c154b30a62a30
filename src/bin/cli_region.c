/* SPDX-License-Identifier: ISC */
/* A command about a workspace of another region goes on with that region's configuration. */
#include "cli_region.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool
others_known(const struct settings *st)
{
	return st->region_hk != NULL || st->region_sg != NULL || st->region_eu != NULL;
}

/* The region that the command is about; NULL: this one, or it cannot be told. */
static const char *
region_of(struct cli *c)
{
	bool moves = strcmp(c->verb->words, "tenant move") == 0;
	const char *region = cli_option(c, "region");

	if (region != NULL && !moves)
		return region;
	region = NULL;
	/* A directory that does not answer is the verb's to tell. */
	if (strncmp(c->verb->usage + (c->verb->usage[0] == '['), "SLUG", 4) == 0 &&
		cli_arg(c, 0) != NULL)
		(void)!tenant_region(cli_tenancy(c), c->a, cli_arg(c, 0), &region);
	return region;
}

struct err *
cli_region_settings(struct cli *c, const char *region, const struct settings **st_r)
{
	const char *path = settings_region(c->st, region), *why;

	*st_r = NULL;
	if (path == NULL)
		return NULL;
	*st_r = settings_load(path, &why);
	if (*st_r == NULL)
		return cli_fail(c, ERR_INVALID, "%s", why);
	if (strcmp((*st_r)->region, region) != 0)
		return cli_fail(c, ERR_INVALID, "%s is the configuration of region %s, not of %s",
			path, (*st_r)->region, region);
	return NULL;
}

struct err *
cli_region_next(struct cli *c, size_t *i, struct tenancy **there_r)
{
	static const char *const regions[REGIONS] = {"hk", "sg", "eu"};

	*there_r = NULL;
	while (*there_r == NULL && *i < REGIONS) {
		const char *region = regions[(*i)++];
		const struct settings *other = NULL;

		if (strcmp(region, c->st->region) != 0)
			TRY(cli_region_settings(c, region, &other));
		if (other != NULL)
			*there_r = tenancy_new(other);
	}
	return NULL;
}

struct err *
cli_region_go(struct cli *c, int argc, char **argv)
{
	const struct settings *other;
	const char **args;
	const char *region;

	if (!others_known(c->st))
		return NULL;
	region = region_of(c);
	if (region == NULL || strcmp(region, c->st->region) == 0)
		return NULL;
	TRY(cli_region_settings(c, region, &other));
	if (other == NULL)
		return NULL;
	tenancy_free(&c->tenancy);
	args = ARENA_ARRAY(c->a, (size_t)argc + 4, const char *);
	args[0] = "praya";
	args[1] = "--config";
	args[2] = settings_region(c->st, region);
	for (int i = 0; i < argc; i++)
		args[3 + i] = argv[i];
	/* Nothing was read of standard input yet. */
	execv("/proc/self/exe", (char *const *)args);
	return cli_fail(c, ERR_INTERNAL, "praya cannot be started: %s", strerror(errno));
}
