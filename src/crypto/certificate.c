/* SPDX-License-Identifier: ISC */
#include "certificate.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>

bool
certificate_left(const char *path, int64_t *seconds_r)
{
	FILE *f = fopen(path, "re");
	X509 *cert = f != NULL ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
	int days = 0, seconds = 0;
	bool ok = cert != NULL &&
		  ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(cert)) == 1;

	if (f != NULL)
		fclose(f);
	X509_free(cert);
	*seconds_r = (int64_t)days * 86400 + seconds;
	return ok;
}
