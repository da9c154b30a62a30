/* SPDX-License-Identifier: ISC */
/* praya-web: one FastCGI process. */
#include "log.h"

int
main(void)
{
	log_init("praya-web");
	return 0;
}
