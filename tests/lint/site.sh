#!/bin/bash
# SPDX-License-Identifier: ISC
# nginx's site as it is installed (but for its ports, which are root's), in an nginx.conf as
# Debian ships it: what that says already is not said twice, and no log of its http block, with
# addresses and paths, goes on.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${PRAYA_BUILDDIR:-.}
PATH=$PATH:/usr/sbin
command -v nginx >/dev/null || exit 77
site=$(mktemp -d)
trap 'rm -rf "$site"' EXIT
cp "$top"/nginx/praya-*.conf /etc/nginx/fastcgi_params "$site"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=praya.example -days 1 \
	-keyout "$site/server.key" -out "$site/server.pem" 2>/dev/null
sed -e "s,/etc/praya/tls,$site,; s,/run/praya/nginx/,$site/,; s,/var/log/nginx,$site," \
	-e "s,listen 443,listen unix:$site/4.sock,; s,listen \[::\]:443,listen unix:$site/6.sock," "$build/nginx/praya.conf" >"$site/site"
{
	[ "$(id -u)" != 0 ] || echo 'user www-data;'
	cat <<-END
	pid $site/pid;
	error_log $site/error.log;
	events { worker_connections 768; }
	http {
		sendfile on;
		tcp_nopush on;
		types_hash_max_size 2048;
		server_tokens off;
		keepalive_timeout 65;
		include /etc/nginx/mime.types;
		default_type application/octet-stream;
		ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
		ssl_prefer_server_ciphers on;
		access_log $site/access.log;
		gzip on;
		proxy_temp_path $site/proxy;
		scgi_temp_path $site/scgi;
		uwsgi_temp_path $site/uwsgi;
		include $site/site;
	}
	END
} >"$site/nginx.conf"
if ! nginx -t -q -p "$site" -c "$site/nginx.conf" >"$site/said" 2>&1; then
	cat "$site/said"
	exit 1
fi
servers=$(grep -c '^server {' "$site/site")
logs=$(grep -cE '^	access_log .* praya;' "$site/site")
if [ "$servers" != "$logs" ] || grep -qE '^access_log' "$site/site"; then
	echo "$servers server blocks, $logs of them with a log of their own"
	exit 1
fi
