/* SPDX-License-Identifier: ISC */
/* The job that makes the PDF of a letter: kind "letter_pdf", argument "letter". */
#ifndef PRAYA_LETTER_JOB_H
#define PRAYA_LETTER_JOB_H

#include "run.h"

struct err *letter_pdf_step(struct job_run *run);

#endif
