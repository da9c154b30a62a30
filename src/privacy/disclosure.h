/* SPDX-License-Identifier: ISC */
/*
 * To whom data of a person was given: written down by hand, and listed of itself from
 * exports, hand-overs and mails (sql/tenant/repeatable/44_disclosure.sql). Whoever
 * received it within twelve months is told of a correction (Cap. 486 s.23(1)(c)).
 */
#ifndef PRAYA_DISCLOSURE_H
#define PRAYA_DISCLOSURE_H

#include "case.h"

/* Makes a recipient of the case of each that is none yet; n_r: so many, or NULL. */
struct err *disclosure_recipients(
	struct request *rq, const struct privacy_case *c, size_t *n_r) ATTR_WARN_UNUSED;

extern const struct route disclosure_routes[];

#endif
