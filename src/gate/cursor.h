/* SPDX-License-Identifier: ISC */
/* Where a page of a list begins that is in order of numbers: the parameter `after`. */
#ifndef PRAYA_CURSOR_H
#define PRAYA_CURSOR_H

#include "gate.h"

/* The number that the page before ended with, sealed for this list; 0: the first page.
 * ERR_BAD_REQUEST when it is no cursor of it. */
struct err *cursor_number(struct request *rq, const char *list, int64_t *number_r) ATTR_WARN_UNUSED;
const char *cursor_of_number(struct request *rq, const char *list, int64_t number);
/* Page.pager of such a list: the next page, and from a later one back to the first. */
void cursor_pager(struct request *rq, struct json_object *page, const char *path, const char *next);

#endif
