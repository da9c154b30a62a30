/* SPDX-License-Identifier: ISC */
/*
 * The receiving end of a multipart form: text parts become members of an
 * object, file parts go through the sealing writer into the store as they
 * come, so that no plain byte of a file is ever on a disk.
 */
#ifndef PRAYA_UPLOAD_H
#define PRAYA_UPLOAD_H

#include "multipart.h"
#include "object.h"
#include "params.h"
#include "request.h"

struct upload_reader {
	struct request *rq;
	const struct request_limits *limits;
	struct params_reader *r;
	struct json_object *form;
	struct err **fields; /* errors at fields; the parts go on being read */
	int64_t total_max;   /* bytes of the whole body */
	size_t parts;
	size_t text_bytes; /* of all text parts together */
	struct sb *text;   /* the text part being read */
	const char *name;
	/* The file part being read; param NULL: it is being skipped. */
	const struct param *param;
	const char *file_name;
	const char *content_type;
	struct object_writer *w;
	int64_t size;
};

extern const struct multipart_events upload_events;

/* form: where text parts go, as form_parse() would put them. */
struct upload_reader *upload_reader_new(struct request *rq, const struct request_limits *limits,
	struct params_reader *r, struct json_object *form, struct err **fields);

#endif
