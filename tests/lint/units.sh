#!/bin/bash
# SPDX-License-Identifier: ISC
# systemd units as they are installed: every name filled in, well-formed as systemd
# sees them, and shut in as far as it can measure that.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${PRAYA_BUILDDIR:-.}
# Exposure in tenths, 0 to 100: "OK" in systemd's own words.
exposed=20

bad=$(grep -rnE '@[a-z]+@' "$build"/nginx/systemd/*.service "$build/nginx/praya.conf" "$build/nginx/praya-pool" || true)
if [ -n "$bad" ]; then
	echo "left to be filled in: $bad"
	exit 1
fi
command -v systemd-analyze >/dev/null || exit 77
units=$(mktemp -d)
trap 'rm -rf "$units"' EXIT
cp "$build"/nginx/systemd/*.service "$top"/nginx/systemd/*.socket "$top"/nginx/systemd/*.target "$units"
# Nothing is installed here: what is started is not what is looked at.
sed -i -E 's,^(ExecStart=)[^ ]+,\1/bin/true,' "$units"/*.service
status=0
for unit in "$units"/*.service; do
	name=$(basename "$unit")
	whole=${unit/@./@1.}
	[ "$whole" = "$unit" ] || cp "$unit" "$whole"
	said=$(SYSTEMD_UNIT_PATH="$units:" systemd-analyze verify --man=no --recursive-errors=no "$whole" 2>&1 | grep -F "$units" || true)
	if [ -n "$said" ]; then
		echo "$name: $said"
		status=1
	fi
	if ! systemd-analyze security --offline=true --threshold=$exposed --no-pager "$whole" >"$units/said" 2>&1; then
		echo "$name: $(tail -1 "$units/said")"
		status=1
	fi
done
exit $status
