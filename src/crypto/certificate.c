/* SPDX-License-Identifier: ISC */
#include "certificate.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>

static X509 *
read_first(const char *path)
{
	FILE *f = fopen(path, "re");
	X509 *cert = f != NULL ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;

	if (f != NULL)
		fclose(f);
	return cert;
}

bool
certificate_left(const char *path, int64_t *seconds_r)
{
	X509 *cert = read_first(path);
	int days = 0, seconds = 0;
	bool ok = cert != NULL &&
		  ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(cert)) == 1;

	X509_free(cert);
	*seconds_r = (int64_t)days * 86400 + seconds;
	return ok;
}

bool
certificate_covers(const char *path, const char *host)
{
	/* A name without subjectAltName is believed by no browser. */
	unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
	X509 *cert = read_first(path);
	bool ok = cert != NULL && X509_check_host(cert, host, 0, flags, NULL) == 1;

	X509_free(cert);
	return ok;
}
