/* SPDX-License-Identifier: ISC */
/* Where a page of a list begins: the parameter `after`, sealed for the list that it is of. */
#ifndef PRAYA_CURSOR_H
#define PRAYA_CURSOR_H

#include "gate.h"

/* Where the page before ended, in the words of whoever made it; NULL: the first page.
 * ERR_BAD_REQUEST when it is no cursor of the list. */
struct err *cursor_text(struct request *rq, const char *list, const char **text_r) ATTR_WARN_UNUSED;
const char *cursor_of_text(struct request *rq, const char *list, const char *text);
/* The same of a list in order of numbers; 0: the first page. */
struct err *cursor_number(struct request *rq, const char *list, int64_t *number_r) ATTR_WARN_UNUSED;
const char *cursor_of_number(struct request *rq, const char *list, int64_t number);
/* The same of a list in order of something and then of numbers; NULL and 0: the first page. */
struct err *cursor_pair(struct request *rq, const char *list, const char **text_r,
	int64_t *number_r) ATTR_WARN_UNUSED;
const char *cursor_of_pair(struct request *rq, const char *list, const char *text, int64_t number);
/* "This is no cursor of the list", for who has other reasons to say so. */
struct err *cursor_refused(struct request *rq) ATTR_WARN_UNUSED;
/* Page.pager of such a list: the next page, and from a later one back to the first. */
void cursor_pager(struct request *rq, struct json_object *page, const char *path, const char *next);

#endif
