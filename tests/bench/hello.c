/* SPDX-License-Identifier: ISC */
/* The least a FastCGI program can do: what nginx, TLS and libfcgi cost by themselves. */
#include <fcgiapp.h>
#include <stdlib.h>

int
main(void)
{
	FCGX_Request fc;

	if (FCGX_Init() != 0 || FCGX_InitRequest(&fc, 0, 0) != 0)
		return EXIT_FAILURE;
	while (FCGX_Accept_r(&fc) == 0) {
		FCGX_PutS("Content-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n", fc.out);
		FCGX_Finish_r(&fc);
	}
	return EXIT_SUCCESS;
}
