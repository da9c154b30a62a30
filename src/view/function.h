/* SPDX-License-Identifier: ISC */
/*
 * Functions templates may call; templates/README.md is their manual. Each
 * returns text that is escaped like any variable. Nothing that switches
 * escaping off (null_escape, text_html ...) is ever registered.
 */
#ifndef PRAYA_VIEW_FUNCTION_H
#define PRAYA_VIEW_FUNCTION_H

#include <ClearSilver.h>

NEOERR *function_register(CSPARSE *parse);

#endif
