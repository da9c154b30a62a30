/* SPDX-License-Identifier: ISC */
/* What every unit test includes. */
#ifndef PRAYA_TEST_UNIT_H
#define PRAYA_TEST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The status a child exits with after running the statement; 0 when it comes
 * to its end. For what panics (70) or is fatal (1). Its words are not shown. */
#define EXIT_OF(statement, status_r) \
	do { \
		pid_t pid_ = fork(); \
		int w_ = 0; \
		if (pid_ == 0) { \
			close(STDERR_FILENO); \
			statement; \
			_exit(0); \
		} \
		assert_int_equal(waitpid(pid_, &w_, 0), pid_); \
		assert_true(WIFEXITED(w_)); \
		(status_r) = WEXITSTATUS(w_); \
	} while (0)

#endif
