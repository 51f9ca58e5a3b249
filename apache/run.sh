#!/bin/sh
# run.sh PORT: a private Apache with mod_fcgid and a small catalogue, until Ctrl-C. All it
# writes is in a temporary folder that goes with it.
set -eu
cd "$(dirname "$0")/.."
port=$1
modules=/usr/lib/apache2/modules
fcgid=$modules/mod_fcgid.so
[ -e "$fcgid" ] || fcgid=$PWD/target/debian$fcgid

folder=$(mktemp -d)
apache=''
# shellcheck disable=SC2317  # the trap calls it
stop() {
    trap '' INT TERM HUP
    if [ -n "$apache" ]; then
        kill "$apache" 2>/dev/null || true
        wait "$apache" || true
    fi
    rm -rf "$folder"
}
trap stop EXIT
trap 'echo; exit 0' INT TERM HUP

# What Apache's user has to reach, where it may: this may be a home that is closed to it.
mkdir "$folder/html" "$folder/data" "$folder/log" "$folder/www" "$folder/sock"
install -m 755 target/release/product-lookup "$folder/product-lookup"
install -m 644 html/* "$folder/html"
PRODUCTS_DB=$folder/data/products.db "$folder/product-lookup" import - <<END
id,name,price
A001,Clock,12
A002,Bi-Noculars,40
A003,Desk Lamp,24.90
A004,Travel Alarm Clock,19.90
A005,Kitchen Scales,32.50
A006,Thermometer,8.75
A007,Barometer,54
A008,Magnifying Glass,15.20
A009,Compass,18
A010,"Café Press, 1 l",27.95
A011,Umbrella,22
A012,Wall Clock,35.40
END
user=''
if [ "$(id -u)" = 0 ]; then
    user='User www-data
Group www-data'
    chown -R www-data:www-data "$folder/data" "$folder/log" "$folder/sock"
fi
chmod 755 "$folder"

cat >"$folder/apache.conf" <<END
ServerRoot "$folder"
ServerName localhost
Listen 127.0.0.1:$port
PidFile "$folder/pid"
DefaultRuntimeDir "$folder"
ErrorLog "$folder/log/error.log"
DocumentRoot "$folder/www"
$user
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule alias_module $modules/mod_alias.so
LoadModule dir_module $modules/mod_dir.so
LoadModule env_module $modules/mod_env.so
LoadModule mime_module $modules/mod_mime.so
LoadModule fcgid_module "$fcgid"
TypesConfig /dev/null
AddType text/html .html
AddType application/json .json
FcgidIPCDir "$folder/sock"
FcgidProcessTableFile "$folder/fcgid_shm"
<Directory "$folder/www">
    Require all granted
</Directory>
Define PRODUCT_LOOKUP_FILES "$PWD/apache"
Define PRODUCT_LOOKUP_BIN "$folder/product-lookup"
Define PRODUCT_LOOKUP_HTML "$folder/html"
Define PRODUCT_LOOKUP_DB "$folder/data/products.db"
Define PRODUCT_LOOKUP_LOG "$folder/log/debug.log"
Include "$PWD/apache/fcgid.conf"
RedirectMatch "^/$" "/products/"
END

# setsid: Apache ends its whole process group when it ends, and Ctrl-C is for this script.
setsid /usr/sbin/apache2 -f "$folder/apache.conf" -D FOREGROUND >"$folder/stderr" 2>&1 &
apache=$!
# Apache writes this file once it listens.
until [ -s "$folder/pid" ]; do
    if ! kill -0 "$apache" 2>/dev/null; then
        if grep -q 'Address already in use' "$folder/stderr"; then
            echo "Port $port is taken; choose another: make run PORT=8081" >&2
        else
            cat "$folder/stderr" >&2
            tail -n 5 "$folder/log/error.log" >&2 2>/dev/null || true
        fi
        exit 1
    fi
    sleep 0.1
done

cat <<END

product-lookup answers at http://localhost:$port until Ctrl-C. For example:

  curl 'http://localhost:$port/wsgi/myapp.py?id=A001'
  curl -F id=A002 http://localhost:$port/wsgi/myapp.py
  curl 'http://localhost:$port/myapp?name=wall+clock&format=text'
  curl http://localhost:$port/wsgi/sample.py

In a browser: http://localhost:$port/
The debug log: $folder/log/debug.log
END
wait "$apache" || true
echo "Apache has ended by itself:" >&2
tail -n 5 "$folder/log/error.log" >&2
exit 1
