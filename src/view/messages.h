/* SPDX-License-Identifier: ISC */
/*
 * Message catalogues and the list of static files, inside view/ only.
 *
 * One data set a language lives as long as the process and is what a template
 * finds when the request's own data does not answer: T.* and Asset.*, plus
 * Lang.tag ("zh-Hant"), Lang.html (for the lang attribute) and Lang.other.
 */
#ifndef PRAYA_VIEW_MESSAGES_H
#define PRAYA_VIEW_MESSAGES_H

#include <ClearSilver.h>

#include "view.h"

/* i18n: folder with en.hdf and zh-Hant.hdf. assets: what scripts/assets wrote.
 * Fatal when one cannot be read. */
void messages_load(const char *i18n, const char *assets);
HDF *messages_set(enum lang l);
/* NULL when there is none. Lives as long as the process. */
const char *messages_find(enum lang l, const char *key);
/* The message with its first "%s" replaced by arg (NULL: by nothing). */
const char *messages_fill(struct arena *a, const char *message, const char *arg);

#endif
