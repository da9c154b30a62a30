/* SPDX-License-Identifier: ISC */
/* The part of the doctor that looks at the machine. Inside tenant/ only. */
#ifndef PRAYA_DOCTOR_MACHINE_H
#define PRAYA_DOCTOR_MACHINE_H

#include "conn.h"
#include "doctor.h"

/* Where findings go, in order. */
struct findings {
	struct arena *a;
	struct finding *first;
	struct finding **end;
};

void finding_add(struct findings *to, enum finding_level level, const char *about, const char *mend,
	const char *fmt, ...) ATTR_PRINTF(5, 6);
/* Room, encryption of volumes, the certificate, backups' folder. */
void doctor_machine(struct findings *to, const struct settings *st);
/* Clock, replication, the data folder, as the superuser sees them. */
void doctor_server(struct findings *to, const struct settings *st, struct conn *admin);
/* The newest archive of a workspace against its last use (microseconds; 0: none). */
void doctor_backup(struct findings *to, const struct settings *st, const char *about,
	int64_t tenant_id, int64_t last_used);

#endif
