# SPDX-License-Identifier: ISC
# www/static: the files of this folder under hashed names; www/assets.hdf: which.
STATIC = static/app.css static/app.js static/passkey.js static/favicon.svg static/icons.svg
EXTRA_DIST += $(STATIC)
WWW_MADE += www/assets.hdf
www/assets.hdf: scripts/assets $(STATIC)
	$(AM_V_GEN)$(MKDIR_P) www && $(srcdir)/scripts/assets $(srcdir)/static www/static $@
