# SPDX-License-Identifier: ISC
confdir = $(pkgdatadir)/conf
dist_conf_DATA = conf/praya.conf.example conf/pgbackrest.conf.example conf/postgresql.conf
