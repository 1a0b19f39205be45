#!/bin/sh
# nginx's files for a machine without containers: docker/nginx-to-host.sh [--https] FOLDER
# FOLDER is /etc/nginx on Debian; its nginx.conf is replaced (the old one stays as nginx.conf.before-wuchang).
set -eu
kind=http
if [ "${1:-}" = --https ]; then
    kind=https
    shift
fi
to=${1:?usage: docker/nginx-to-host.sh [--https] FOLDER}
from=$(dirname "$0")
if [ -f "$to/nginx.conf" ] && [ ! -f "$to/nginx.conf.before-wuchang" ]; then
    cp "$to/nginx.conf" "$to/nginx.conf.before-wuchang"
fi
# Debian's places and account, the usual ports, and Rasa on this machine.
sed -e 's|^pid .*|user www-data;\npid /run/nginx.pid;|' \
    -e 's|error_log stderr|error_log /var/log/nginx/error.log|' \
    -e 's|access_log /dev/stdout|access_log /var/log/nginx/access.log|' \
    -e 's|/tmp/nginx-|/var/lib/nginx/|' \
    -e '/Docker.s own name server/d' -e '/resolver 127/d' "$from/nginx.conf" >"$to/nginx.conf"
sed -e 's|listen 8080|listen 80|' -e 's|listen 8443|listen 443|' \
    -e 's|listen 8090|listen 127.0.0.1:8090|' -e 's|listen 8444|listen 127.0.0.1:8444|' "$from/nginx-$kind.conf" >"$to/server.conf"
sed -e 's|rasa:5005|127.0.0.1:5005|' -e 's|desk:5065|127.0.0.1:5065|' "$from/nginx-paths.conf" >"$to/paths.conf"
sed -e 's|desk:5065|127.0.0.1:5065|' "$from/nginx-desk.conf" >"$to/desk.conf"
echo "written: $to/nginx.conf, $to/server.conf, $to/paths.conf, $to/desk.conf; now: nginx -t && systemctl reload nginx"
