/* SPDX-License-Identifier: ISC */
/*
 * praya.conf: HDF syntax, read once at start. Every setting has a row in
 * settings.c with its default, its type and its limits; a name that has no row,
 * a value outside of the limits and a password in a connection string are
 * refused, so a typing error never means a lax default. conf/praya.conf.example
 * documents every row (a test compares the two).
 */
#ifndef PRAYA_SETTINGS_H
#define PRAYA_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct settings {
	const char *base_domain;   /* Base.Domain: "praya.localhost" */
	const char *operator_host; /* Base.OperatorHost: "ops." and Base.Domain unless given */
	const char *sign_up_host;  /* Base.SignUpHost: "app." and Base.Domain unless given */
	/* SignUp.Hosts.hk, .sg, .eu: where workspaces of another region are asked for; NULL: not
	 * offered. */
	const char *sign_up_hk;
	const char *sign_up_sg;
	const char *sign_up_eu;
	bool sign_up_open; /* SignUp.Open: anybody makes a workspace there; 1 */
	int public_port;   /* Base.Port: in links; 443 */
	const char
		*certificate; /* Base.Certificate: nginx's, for the doctor; NULL: not looked at */
	const char *region;   /* Region: the region of this pool, "hk" */
	/* Regions.hk, .sg, .eu: the configuration of another region, for commands only; NULL:
	 * this machine does not reach it. */
	const char *region_hk;
	const char *region_sg;
	const char *region_eu;
	/* Connection strings, "name=value" pairs. Several hosts: host=a,b
	 * target_session_attrs=read-write. User, password and (but for the first
	 * two) dbname are added by tenancy. */
	const char *directory_db; /* Database.Directory; dbname praya_directory unless given */
	const char *cell_db;      /* Database.Cell; dbname praya_cell unless given */
	const char *tenant_db;    /* Database.Tenant */
	const char *migrate_db;   /* Database.Migrate: praya_migrate; worker and CLI only */
	const char *admin_db;     /* Database.Admin: a superuser; init, provision and scrub only */
	/* Files, 0600, for roles whose password is not the one derived from the
	 * master key (the directory of another region); NULL: derived, or none. */
	const char *directory_password; /* Database.DirectoryPasswordFile */
	const char *cell_password;      /* Database.CellPasswordFile */
	const char *migrate_password;   /* Database.MigratePasswordFile */
	const char *admin_password;     /* Database.AdminPasswordFile */
	const char *master_key;         /* Keys.Master: file, 0600 */
	const char *master_command;     /* Keys.Command: prints the master key; NULL: the file */
	const char *previous_command;   /* Keys.PreviousCommand: the key before; NULL: none */
	const char *file_store;         /* Files.Store: folder */
	const char *heads;              /* Files.Heads: folder; NULL: heads/ in the store */
	const char *scratch;            /* Files.Scratch: folder on tmpfs or an encrypted volume */
	const char *metrics;            /* Metrics.Folder; NULL: nothing is counted */
	const char *backups;            /* Backup.Folder; NULL: none are made by the worker */
	const char *backup_keys;        /* Backup.Keys: folder; NULL: "keys" in Backup.Folder */
	int64_t backup_every;           /* Backup.Every, hours, 24 */
	int64_t backup_keep;            /* Backup.Keep, days, 35 */
	const char *templates;          /* Paths.Templates, default PRAYA_DATADIR/templates */
	const char *i18n;               /* Paths.I18n */
	const char *assets;             /* Paths.Assets: list of hashed static names */
	const char *sql;           /* Paths.Sql: folder with system/ directory/ cell/ tenant/ */
	const char *passwords;     /* Paths.Passwords: list of common passwords */
	const char *postgres;      /* Paths.Postgres: folder of pg_dump and pg_restore */
	const char *repack;        /* Paths.Repack: pg_repack, of the server's version */
	bool development;          /* Development: templates read anew */
	int64_t body_max;          /* Limits.Body, 1 MiB */
	int64_t upload_max;        /* Limits.Upload, 50 MiB */
	int64_t fields_max;        /* Limits.Fields, 200 */
	int64_t csv_row_max;       /* Limits.CsvRow, 64 KiB */
	int64_t request_memory;    /* Limits.RequestMemory, 64 MiB */
	int64_t connections;       /* Limits.Connections per process, 20 */
	int64_t import_keep;       /* Import.Keep, days, 30 */
	int64_t session_idle;      /* Session.Idle, seconds, 3600 */
	int64_t session_absolute;  /* Session.Absolute, seconds, 43200 */
	const char *mail_relay;    /* Mail.Relay: host[:port]; NULL: no mail is sent */
	const char *mail_from;     /* Mail.From: sender of all mail; there when mail_relay is */
	const char *mail_tls;      /* Mail.TLS: required (STARTTLS), implicit, none */
	const char *mail_ca;       /* Mail.CA: authorities; NULL: the system's */
	const char *mail_user;     /* Mail.User; NULL: no sign-in */
	const char *mail_password; /* Mail.PasswordFile, 0600; there when mail_user is */
	const char
		*mail_results; /* Mail.Results: our relay in its headers; NULL: none is believed */
	int64_t directory_cache; /* Directory.Cache, seconds, 5 */
	int64_t leak_hour;       /* LeakTest.Hour: of the night, in Hong Kong; -1: never; 3 */
};

/* path NULL: $PRAYA_CONF, then /etc/praya/praya.conf. Lives for the process.
 * NULL when it cannot be used; *why_r says why in one line, for the operator.
 * Secrets that others can read are refused by those who read them. */
const struct settings *settings_load(const char *path, const char **why_r);

/* Where the configuration of a region is, NULL: not known here. */
const char *settings_region(const struct settings *st, const char *region);

/* The host where workspaces of a region are asked for, this one's own included; NULL: nowhere. */
const char *settings_sign_up(const struct settings *st, const char *region);
/* Whether a host is one of another region's where workspaces are asked for. */
bool settings_sign_up_elsewhere(const struct settings *st, const char *host);

/* The n-th setting's name, default ("" for none) and whether it must be given;
 * NULL past the last. For the test of the example and `praya doctor`. */
const char *settings_name(size_t n, const char **default_r, bool *required_r);

#endif
