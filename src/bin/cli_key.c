/* SPDX-License-Identifier: ISC */
/* praya key rotate, check */
#include <stdio.h>

#include "cli.h"
#include "event.h"
#include "region_sign.h"
#include "rotate.h"

static struct err *
print_rotation(struct cli *c, const struct rotation *r)
{
	struct json_object *o;

	if (cli_flag(c, "json")) {
		o = json_object_new_object();
		json_object_object_add(
			o, "workspaces", json_object_new_int64((int64_t)r->workspaces));
		json_object_object_add(o, "keys", json_object_new_int64((int64_t)r->keys));
		json_object_object_add(
			o, "rewrapped", json_object_new_int64((int64_t)r->rewrapped));
		json_object_object_add(o, "roles", json_object_new_int64((int64_t)r->roles));
		json_object_object_add(
			o, "kept", r->kept != NULL ? json_object_new_string(r->kept) : NULL);
		cli_json(o);
		return NULL;
	}
	printf("the keys of %zu workspaces lie under the new master key, %zu roles have new "
	       "passwords\n",
		r->workspaces, r->roles);
	if (r->kept != NULL)
		printf("the key before: %s; keep it as long as a backup of the region's database "
		       "may need it, then praya key rotate --forget-old\n"
		       "%s is new: keep a copy where no backup of the databases lies\n",
			r->kept, c->st->master_key);
	return NULL;
}

static struct err *
print_rekeyed(struct cli *c, const struct tenant *tn, const struct rekeyed *r)
{
	struct json_object *o;

	if (cli_flag(c, "json")) {
		o = json_object_new_object();
		json_object_object_add(o, "slug", json_object_new_string(tn->slug));
		json_object_object_add(o, "version", json_object_new_int64(r->version));
		json_object_object_add(o, "rewrapped", json_object_new_int64(r->rewrapped));
		json_object_object_add(o, "lost", json_object_new_int64(r->lost));
		json_object_object_add(o, "resumed", json_object_new_boolean(r->resumed));
		cli_json(o);
	} else {
		printf("%s has %s: %lld keys now lie under it\n", tn->slug,
			r->resumed ? "the key that an earlier call began with"
				   : arena_printf(c->a, "another key, version %lld",
					     (long long)r->version),
			(long long)r->rewrapped);
	}
	return r->lost == 0 ? NULL
			    : cli_fail(c, ERR_CONFLICT,
				      "%lld keys open with no key that %s ever had, and were left "
				      "as they were: praya backup verify %s, then restore",
				      (long long)r->lost, tn->slug, tn->slug);
}

/* Its owner finds it in the log. */
static struct err *
log_rotation(struct cli *c, const struct tenant *tn)
{
	struct audit_event ev = {
		.action = "setting", .entity = "workspace", .reason = "key_rotated"};
	struct tx *tx;
	struct err *e;

	TRY(cli_tx(c, tn, &tx));
	audit_queue(tx, c->a, &ev);
	e = tx_run(tx);
	if (e == NULL)
		e = tx_commit(tx);
	tx_end(&tx);
	return e;
}

static struct err *
rotate_one(struct cli *c, const char *slug)
{
	struct rekeyed done;
	struct tenant *tn;

	if (cli_flag(c, "forget-old") || cli_flag(c, "prepare"))
		return cli_fail(c, ERR_INVALID,
			"--prepare and --forget-old are of the master key: say them without a "
			"workspace");
	TRY(cli_tenant(c, slug, &tn));
	TRY(rekey_workspace(cli_tenancy(c), c->a, tn, &done));
	TRY(log_rotation(c, tn));
	return print_rekeyed(c, tn, &done);
}

static struct err *
run_rotate(struct cli *c)
{
	struct rotation done;
	const char *path;
	size_t files;

	if (c->nargs > 0)
		return rotate_one(c, cli_arg(c, 0));
	if (cli_flag(c, "forget-old") && cli_flag(c, "prepare"))
		return cli_fail(c, ERR_INVALID, "say --prepare or --forget-old, not both");
	if (cli_flag(c, "prepare")) {
		TRY(rotate_prepare(c->st, c->a, &path));
		printf("%s is there: copy it to every machine of the region, then praya key "
		       "rotate\n",
			path);
		return NULL;
	}
	if (cli_flag(c, "forget-old")) {
		TRY(rotate_forget(c->st, c->a, &files));
		printf("%zu old keys were destroyed\n", files);
		return NULL;
	}
	TRY(rotate_master(c->st, c->a, &done));
	return print_rotation(c, &done);
}

static const char *
state_words(const struct key_state *s)
{
	if (!s->opens)
		return "does not open";
	if (s->persons && !s->person_opens)
		return "opens, but not the key of a person in it";
	if (!s->ended)
		return "opens; its rotation was cut off: praya key rotate SLUG";
	return s->current ? "opens" : "opens with an old master key";
}

static struct json_object *
state_json(const struct tenant *tn, const struct key_state *s)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "slug", json_object_new_string(tn->slug));
	json_object_object_add(o, "opens", json_object_new_boolean(s->opens));
	json_object_object_add(o, "current", json_object_new_boolean(s->current));
	json_object_object_add(o, "version", json_object_new_int64(s->version));
	json_object_object_add(o, "ended", json_object_new_boolean(s->ended));
	json_object_object_add(o, "older", json_object_new_int64(s->older));
	json_object_object_add(
		o, "person_opens", s->persons ? json_object_new_boolean(s->person_opens) : NULL);
	return o;
}

static struct err *
check_one(struct cli *c, const struct tenant *tn, struct json_object *all, size_t *bad)
{
	struct key_state s;

	TRY(rotate_check(cli_tenancy(c), c->a, tn, &s));
	*bad += !s.opens || (s.persons && !s.person_opens);
	json_object_array_add(all, state_json(tn, &s));
	if (!cli_flag(c, "json"))
		printf("%-24s %s\n", tn->slug, state_words(&s));
	return NULL;
}

static struct err *
run_check(struct cli *c)
{
	struct json_object *all = json_object_new_array();
	struct tenant **list;
	size_t n, bad = 0;

	TRY(tenant_list(cli_tenancy(c), c->a, &list, &n));
	for (size_t i = 0; i < n; i++)
		if (list[i]->state != TENANT_CREATING)
			TRY(check_one(c, list[i], all, &bad));
	if (cli_flag(c, "json"))
		cli_json(all);
	else
		json_object_put(all);
	return bad == 0 ? NULL
			: cli_fail(c, ERR_CONFLICT,
				  "the keys of %zu workspaces do not open: put the master key back "
				  "that they were made with",
				  bad);
}

static struct err *
run_public(struct cli *c)
{
	struct json_object *o;
	const char *key;

	TRY(region_public(cli_tenancy(c), c->a, &key));
	if (!cli_flag(c, "json")) {
		printf("%s\n", key);
		return NULL;
	}
	o = json_object_new_object();
	json_object_object_add(o, "region", json_object_new_string(c->st->region));
	json_object_object_add(o, "public_key", json_object_new_string(key));
	cli_json(o);
	return NULL;
}

const struct cli_verb cli_key_verbs[] = {
	CLI_VERB("key rotate", run_rotate, 0, 1, "prepare forget-old json",
		"[SLUG | --prepare | --forget-old] [--json]",
		"another master key, or another one of a workspace, while everything runs; or "
		"finish what was cut off"),
	CLI_VERB("key public", run_public, 0, 0, "json", "[--json]",
		"what the region signs with: exports of workspaces, certificates of destruction"),
	CLI_VERB("key check", run_check, 0, 0, "json", "[--json]",
		"open the key of every workspace, and of one person in it"),
	CLI_END,
};
