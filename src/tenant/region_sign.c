/* SPDX-License-Identifier: ISC */
#include "region_sign.h"

#include <json-c/json.h>
#include <string.h>

#include "operator.h"
#include "sign.h"
#include "token.h"

#define SIGN_USE "certificate:v1"

static struct err *
region_key(struct tenancy *t, struct arena *a, struct seal_key *key_r)
{
	struct tenant *desk;

	TRY(tenancy_desk(t, a, &desk));
	key_derive(&desk->kek, SIGN_USE, key_r);
	return NULL;
}

static const char *
public_of(struct arena *a, const struct seal_key *key)
{
	unsigned char public[SIGN_PUBLIC];

	sign_public(key, public);
	return hex_encode(a, public, sizeof(public));
}

static void
put(struct json_object *o, const char *name, const char *text)
{
	json_object_object_add(o, name, json_object_new_string(text));
}

struct err *
region_sign(struct tenancy *t, struct arena *a, const char *statement, const char **signed_r)
{
	unsigned char signature[SIGN_BYTES];
	struct json_object *o;
	struct seal_key key;

	TRY(region_key(t, a, &key));
	sign_text(&key, statement, signature);
	o = json_object_new_object();
	put(o, "statement", statement);
	put(o, "public_key", public_of(a, &key));
	put(o, "signature", hex_encode(a, signature, sizeof(signature)));
	secret_wipe(&key, sizeof(key));
	*signed_r =
		arena_strdup(a, json_object_to_json_string_ext(o,
					JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
	return NULL;
}

struct err *
region_public(struct tenancy *t, struct arena *a, const char **public_r)
{
	struct seal_key key;

	TRY(region_key(t, a, &key));
	*public_r = public_of(a, &key);
	secret_wipe(&key, sizeof(key));
	return NULL;
}

static const char *
member(struct json_object *o, const char *name)
{
	struct json_object *v;

	return json_object_object_get_ex(o, name, &v) && json_object_is_type(v, json_type_string)
		       ? json_object_get_string(v)
		       : "";
}

static bool
signed_by(struct arena *a, struct json_object *o, const char *key)
{
	struct bytes public, signature;

	return strcmp(member(o, "public_key"), key) == 0 && hex_decode(a, key, &public) &&
	       public.n == SIGN_PUBLIC && hex_decode(a, member(o, "signature"), &signature) &&
	       signature.n == SIGN_BYTES &&
	       sign_check(public.p, member(o, "statement"), signature.p);
}

const char *
region_signed(struct arena *a, const char *text, const char *const *keys, size_t n)
{
	struct json_object *o = json_tokener_parse(text);
	const char *statement = NULL;

	for (size_t i = 0; json_object_is_type(o, json_type_object) && statement == NULL && i < n;
		i++)
		if (signed_by(a, o, keys[i]))
			statement = arena_strdup(a, member(o, "statement"));
	json_object_put(o);
	return statement;
}
