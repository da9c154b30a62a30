/* SPDX-License-Identifier: ISC */
/* The certificate of a destruction (tenant/destroy.h) as a paper to file. */
#ifndef PRAYA_CERTIFICATE_PDF_H
#define PRAYA_CERTIFICATE_PDF_H

#include "view.h"

/* certificate: the text of tenant_destroy(). ERR_INVALID: it is none. */
struct err *certificate_pdf(struct arena *a, const char *certificate, enum lang l,
	struct bytes *pdf_r) ATTR_WARN_UNUSED;

#endif
