/* SPDX-License-Identifier: ISC */
/* Between the files that take a message apart. Of mail/ only. */
#ifndef PRAYA_MIME_H
#define PRAYA_MIME_H

#include <gmime/gmime.h>

#include "mail.h"

/* A header or a file's name as valid UTF-8 on one line; NULL when nothing is left. */
const char *mime_clean(struct arena *a, const char *s);
/* Fills all of *m that stands in the head. relay: see mail_parse(). */
void mime_read_head(struct arena *a, GMimeMessage *msg, const char *relay, struct mail *m);
/* Whether the relay of that name vouches for the domain of the address that it is from. */
bool mime_proven(struct arena *a, GMimeMessage *msg, const char *relay, const char *address);
/* Fills its text and its files. */
enum mail_problem mime_read_parts(struct arena *a, GMimeMessage *msg, struct mail *m);

#endif
