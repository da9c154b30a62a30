/* SPDX-License-Identifier: ISC */
/* When a certificate ends, and which hosts it is for. */
#ifndef PRAYA_CERTIFICATE_H
#define PRAYA_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>

/* The first one of a PEM file: seconds from now until it ends, negative when it has.
 * False: the file cannot be read or holds none. */
bool certificate_left(const char *path, int64_t *seconds_r);
/* Whether the first one of a PEM file is good for that host. */
bool certificate_covers(const char *path, const char *host);

#endif
