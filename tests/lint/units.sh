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

# Installed, they are where systemd looks: user and folders can be made, units be enabled.
root=$units/root
make -s -C "$build" DESTDIR="$root" prefix=/usr install-dist_systemdunitDATA install-nodist_systemdunitDATA \
	install-dist_sysusersDATA install-dist_tmpfilesDATA
mkdir -p "$root/etc"
# Only root can give folders away: for anybody else both users are the one who looks.
if [ "$(id -u)" = 0 ]; then
	printf 'www-data:x:33:33::/:/usr/sbin/nologin\n' >"$root/etc/passwd"
	printf 'www-data:x:33:\n' >"$root/etc/group"
else
	printf "%s:x:$(id -u):$(id -g)::/:/usr/sbin/nologin\n" www-data praya >"$root/etc/passwd"
	printf "%s:x:$(id -g):\n" www-data praya >"$root/etc/group"
fi
if ! { systemd-sysusers --root="$root" praya.conf && grep -q '^praya:' "$root/etc/passwd" &&
	systemd-tmpfiles --root="$root" --create praya.conf && [ "$(stat -c %a "$root/run/praya/scratch")" = 700 ] &&
	systemctl --root="$root" enable praya.target praya-nginx-log praya-web.socket praya-files.socket \
		praya-metrics.socket praya-web@1 praya-files@1 praya-worker@1; } >"$units/said" 2>&1; then
	echo "as it is installed: $(tail -1 "$units/said")"
	status=1
fi
# One configuration is named by all of them, and it is the one that is documented.
if grep -h '^Environment=PRAYA_CONF=' "$build"/nginx/systemd/*.service | grep -v '/etc/praya/praya.conf$'; then
	status=1
fi
exit $status
