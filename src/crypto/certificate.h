/* SPDX-License-Identifier: ISC */
/* When a certificate ends. */
#ifndef PRAYA_CERTIFICATE_H
#define PRAYA_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>

/* The first one of a PEM file: seconds from now until it ends, negative when it has.
 * False: the file cannot be read or holds none. */
bool certificate_left(const char *path, int64_t *seconds_r);

#endif
