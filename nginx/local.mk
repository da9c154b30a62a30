# SPDX-License-Identifier: ISC
# nginx's configuration, both kinds of supervision, and the pages nginx answers
# with by itself.
nginxdir = $(pkgdatadir)/nginx
dist_nginx_DATA = \
	nginx/praya-http.conf \
	nginx/praya-server.conf \
	nginx/praya-tls.conf \
	nginx/praya-headers.conf \
	nginx/praya-fastcgi.conf \
	nginx/praya-errors.conf \
	nginx/demo.conf.in \
	nginx/multiwatch.conf
nodist_nginx_DATA = nginx/praya.conf

pkglibexecdir = $(libexecdir)/praya
dist_pkglibexec_SCRIPTS = nginx/praya-log-filter
nodist_pkglibexec_SCRIPTS = nginx/praya-pool

# Where systemd looks. What nobody enables does nothing: an installation that is supervised
# otherwise leaves them alone.
systemdunitdir = $(prefix)/lib/systemd/system
dist_systemdunit_DATA = \
	nginx/systemd/praya-web.socket \
	nginx/systemd/praya-files.socket \
	nginx/systemd/praya-metrics.socket \
	nginx/systemd/praya.target
nodist_systemdunit_DATA = \
	nginx/systemd/praya-web@.service \
	nginx/systemd/praya-files@.service \
	nginx/systemd/praya-worker@.service \
	nginx/systemd/praya-metrics@.service \
	nginx/systemd/praya-nginx-log.service
sysusersdir = $(prefix)/lib/sysusers.d
dist_sysusers_DATA = nginx/systemd/sysusers.d/praya.conf
tmpfilesdir = $(prefix)/lib/tmpfiles.d
dist_tmpfiles_DATA = nginx/systemd/tmpfiles.d/praya.conf

FILLED = $(nodist_nginx_DATA) $(nodist_pkglibexec_SCRIPTS) $(nodist_systemdunit_DATA)
CLEANFILES += $(FILLED)
EXTRA_DIST += $(FILLED:=.in) nginx/README.md

# bindir and the like name prefix, which configure leaves for make to fill in.
$(FILLED): Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sed -e 's,[@]bindir[@],$(bindir),g' -e 's,[@]libexecdir[@],$(libexecdir),g' \
		-e 's,[@]pkgdatadir[@],$(pkgdatadir),g' $(srcdir)/$@.in > $@.new && mv $@.new $@
nginx/praya.conf: $(srcdir)/nginx/praya.conf.in
nginx/praya-pool: $(srcdir)/nginx/praya-pool.in
nginx/systemd/praya-web@.service: $(srcdir)/nginx/systemd/praya-web@.service.in
nginx/systemd/praya-files@.service: $(srcdir)/nginx/systemd/praya-files@.service.in
nginx/systemd/praya-worker@.service: $(srcdir)/nginx/systemd/praya-worker@.service.in
nginx/systemd/praya-metrics@.service: $(srcdir)/nginx/systemd/praya-metrics@.service.in
nginx/systemd/praya-nginx-log.service: $(srcdir)/nginx/systemd/praya-nginx-log.service.in

# What nginx answers by itself.
WWW_MADE += www/err/.made
EXTRA_DIST += static/err/err.css
www/err/.made: $(srcdir)/scripts/error_pages $(srcdir)/static/err/err.css
	$(AM_V_GEN)$(srcdir)/scripts/error_pages www/err && \
		cp $(srcdir)/static/err/err.css www/err/ && touch $@
