/* SPDX-License-Identifier: ISC */
/* Sends the certificate of a destruction to those who owned the workspace. */
#ifndef PRAYA_CERTIFICATE_WORK_H
#define PRAYA_CERTIFICATE_WORK_H

#include <signal.h>

#include "tenant.h"
#include "worker.h"

struct err *certificate_work(struct tenancy *t, struct arena *a, certificate_paper *paper,
	const volatile sig_atomic_t *stop) ATTR_WARN_UNUSED;

#endif
