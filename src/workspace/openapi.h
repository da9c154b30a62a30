/* SPDX-License-Identifier: ISC */
/* The schemas of openapi.json. Of workspace/ only. Its texts are English, from the catalogue of
 * messages. */
#ifndef PRAYA_OPENAPI_H
#define PRAYA_OPENAPI_H

#include "entity.h"
#include "route.h"

/* {"$ref":"#/components/PART/NAME"} */
void openapi_ref(struct arena *a, struct json_object *o, const char *part, const char *name);
/* "Contact": the name of an entity's schema; "ContactFields", "ContactList" are others. */
const char *openapi_entity(struct arena *a, enum entity e);
const char *openapi_text(struct arena *a, const char *key);
/* The schema of a declared parameter. */
void openapi_param(struct json_object *o, const struct param *p);
/* components.schemas: problem, money and every entity's, out of the fields that ship with
 * Praya and that no workspace can change. */
struct err *openapi_schemas(struct arena *a, struct tx *tx, struct json_object *schemas);

#endif
