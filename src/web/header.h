/* SPDX-License-Identifier: ISC */
/* Header values of the form "type/subtype; name=value; name="quoted value"". */
#ifndef PRAYA_HEADER_H
#define PRAYA_HEADER_H

#include "arena.h"

/* True when the part before the first ';' is `type`, in any case. */
bool header_is_type(const char *value, const char *type);
/*
 * A parameter's value, *out_r NULL when it is absent. In a quoted value \" and
 * \\ stand for " and \, and %22, %0D, %0A for what browsers write so in names
 * of form fields and files; a backslash before anything else is itself (paths
 * of old Windows browsers). False: malformed, or the parameter twice.
 */
bool header_param(struct arena *a, const char *value, const char *name, const char **out_r);

#endif
