/* SPDX-License-Identifier: ISC */
/* Who is told of an export, and what. Of export_*.c only. */
#ifndef PRAYA_EXPORT_MAIL_H
#define PRAYA_EXPORT_MAIL_H

#include "export_guard.h"

/* To all administrators: asked, approved, approved_alone, fetched. Nothing where the
 * installation sends no mail. */
struct err *export_alert(const struct record_ctx *cx, const struct settings *st, int64_t id,
	const char *what) ATTR_WARN_UNUSED;
/* To whoever asked for everything: it is ready, behind a link with this token. */
struct err *export_ready(const struct record_ctx *cx, const struct settings *st, int64_t id,
	const char *token) ATTR_WARN_UNUSED;
/* To whoever asked: you_approved, you_rejected, you_lapsed. */
struct err *export_tell(const struct record_ctx *cx, const struct settings *st, int64_t id,
	const char *what) ATTR_WARN_UNUSED;
/* To all administrators: the number of records above which a second person decides was raised. */
struct err *export_raised(const struct record_ctx *cx, const struct settings *st, int64_t before,
	int64_t now) ATTR_WARN_UNUSED;

#endif
