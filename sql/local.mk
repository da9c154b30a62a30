# SPDX-License-Identifier: ISC
# made/sql: the folder of SQL as programs read it, sql/ and what is generated.
SQL_MADE = made/sql/.made

made/20_han_fold.sql: $(srcdir)/scripts/han_fold
	$(AM_V_GEN)$(MKDIR_P) made && OPENCC=$(OPENCC) $(srcdir)/scripts/han_fold $@.new && mv $@.new $@

# Copied whole when any file came, went or changed.
$(SQL_MADE): made/20_han_fold.sql sql-changes
	@if test ! -f $@ || test -n "$$(find $(srcdir)/sql made/20_han_fold.sql -newer $@ | head -n 1)"; then \
		rm -rf made/sql && cp -R $(srcdir)/sql made/sql && chmod -R u+w made/sql && \
			cp made/20_han_fold.sql made/sql/system/ && touch $@; \
	fi
sql-changes:
.PHONY: sql-changes
