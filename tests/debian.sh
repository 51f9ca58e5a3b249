#!/bin/sh
# Gets from Debian what is missing here: debian.sh build|run|test|cluster|clients|fuzz|load|bench|deb|package...
# No package that starts, stops or restarts a service, or brings one along, is installed:
# those are unpacked into target/debian, and only the libraries they need are installed.
set -eu
cd "$(dirname "$0")/.."
unpacked=$PWD/target/debian
packages='' archives=''

# want FILE PACKAGE: installs the package unless the file is there.
want() {
    [ -e "$1" ] || packages="$packages $2"
}

# want_unpacked FILE PACKAGE: the same for a package that may not be installed.
want_unpacked() {
    [ -e "$1" ] || [ -e "$unpacked$1" ] || archives="$archives $2"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# libraries PACKAGE...: those they depend on that are not installed.
libraries() {
    apt-cache depends --no-suggests --no-recommends "$@" |
        sed -n 's/^ *Depends: \(lib[^ ]*\|zlib1g\)$/\1/p' | sort -u |
        while read -r library; do
            [ "$(dpkg-query -W -f '${db:Status-Status}' "$library" 2>/dev/null)" = installed ] || echo "$library"
        done
}

for purpose in "$@"; do
    case $purpose in
        build)
            command -v cc >/dev/null || packages="$packages gcc"
            want /usr/include/stdio.h libc6-dev
            ;;
        run)
            want /usr/sbin/apache2 apache2-bin
            want_unpacked /usr/lib/apache2/modules/mod_fcgid.so libapache2-mod-fcgid
            ;;
        test)
            # a2enmod, apachectl and Debian's own configuration, without the service.
            want_unpacked /usr/sbin/apachectl apache2
            want_unpacked /usr/sbin/nginx nginx
            want_unpacked /usr/sbin/lighttpd lighttpd
            want_unpacked /usr/sbin/haproxy haproxy
            want_unpacked /usr/bin/caddy caddy
            # As a pair, since the driver has to be of the browser's own version.
            [ -e /usr/bin/chromium ] && [ -e /usr/bin/chromedriver ] ||
                [ -e "$unpacked/usr/lib/chromium/chromium-headless-shell" ] ||
                archives="$archives chromium-headless-shell chromium-common chromium-driver"
            want /usr/bin/cgi-fcgi libfcgi-bin
            want /usr/bin/curl curl
            want /usr/bin/sqlite3 sqlite3
            want /usr/bin/openssl openssl
            want /usr/bin/setfacl acl
            want /usr/bin/strace strace
            want /usr/bin/objdump binutils
            # Makes the workbooks that imports are tried with.
            want /usr/bin/soffice libreoffice-calc-nogui
            # The shells that complete, and what shows the manual.
            want /usr/bin/zsh zsh
            want /usr/bin/fish fish
            want /usr/bin/man man-db
            want_unpacked /usr/sbin/mariadbd mariadb-server-core
            # Its promtool, without the service.
            want_unpacked /usr/bin/promtool prometheus
            # What makes target/python, where schemathesis goes.
            python3 -c 'import ensurepip, venv' 2>/dev/null || packages="$packages python3-venv"
            command -v npm >/dev/null || packages="$packages npm"
            command -v java >/dev/null || packages="$packages default-jre-headless"
            ;;
        cluster)
            want_unpacked /usr/sbin/mariadbd mariadb-server-core
            want_unpacked /usr/lib/galera/libgalera_smm.so galera-4
            want /usr/sbin/ip iproute2
            ;;
        fuzz)
            # libFuzzer is C++.
            command -v c++ >/dev/null || packages="$packages g++"
            ;;
        load)
            want /usr/bin/slowhttptest slowhttptest
            ;;
        bench)
            want /usr/bin/wrk wrk
            want /usr/include/fcgiapp.h libfcgi-dev
            want /usr/include/sqlite3.h libsqlite3-dev
            want /usr/bin/go golang-go
            want /usr/share/gocode/src/github.com/mattn/go-sqlite3 golang-github-mattn-go-sqlite3-dev
            want /usr/bin/python3 python3
            want /usr/bin/sqlite3 sqlite3
            want /usr/bin/valgrind valgrind
            # Words that products are called.
            want /usr/share/dict/american-english-huge wamerican-huge
            want /usr/share/dict/ngerman wngerman
            want_unpacked /usr/lib/apache2/modules/mod_wsgi.so libapache2-mod-wsgi-py3
            want_unpacked /usr/sbin/php-fpm8.2 php8.2-fpm
            want_unpacked /usr/lib/php/20220829/opcache.so php8.2-opcache
            want_unpacked /usr/lib/php/20220829/pdo.so php8.2-common
            want_unpacked /usr/lib/php/20220829/pdo_sqlite.so php8.2-sqlite3
            ;;
        clients)
            want /usr/lib/python3/dist-packages/requests python3-requests
            want /usr/lib/python3/dist-packages/httpx python3-httpx
            want /usr/lib/python3/dist-packages/aiohttp python3-aiohttp
            command -v node >/dev/null || packages="$packages nodejs"
            want /usr/share/nodejs/axios node-axios
            # With a compiler, for a program of one file.
            command -v javac >/dev/null || packages="$packages default-jdk-headless"
            want /usr/bin/go golang-go
            want /usr/bin/php php-cli
            want /usr/bin/wget wget
            ;;
        deb)
            # Finds the libraries that the package depends on.
            want /usr/bin/dpkg-shlibdeps dpkg-dev
            ;;
        package)
            want /usr/sbin/debootstrap debootstrap
            want /usr/bin/lintian lintian
            ;;
        *)
            echo "debian.sh: $purpose: build, run, test, cluster, clients, fuzz, load, bench, deb or package" >&2
            exit 2
            ;;
    esac
done
[ -n "$packages$archives" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "These Debian packages are missing, and there is no apt-get to install them:$packages$archives" >&2
    exit 1
fi
if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    echo "These Debian packages are missing, and it takes root or sudo to install them:$packages$archives" >&2
    exit 1
fi
echo "Getting from Debian:$packages$archives"
# Another apt has its turn first, as on a fresh machine that is being upgraded: for 120 s at most, as below.
waits=60
until said=$(as_root apt-get update -q 2>&1); do
    case $said in
        *'Could not get lock'*) [ $((waits -= 1)) -gt 0 ] && sleep 2 && continue ;;
    esac
    echo "$said" >&2
    exit 1
done
if [ -n "$archives" ]; then
    # shellcheck disable=SC2086
    packages="$packages $(libraries $archives)"
fi
# The list is split on purpose, here and above. needrestart would restart services.
# shellcheck disable=SC2086
[ -z "${packages# }" ] || as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
    apt-get install -q -y -o DPkg::Lock::Timeout=120 --no-install-recommends --no-upgrade $packages
if [ -n "$archives" ]; then
    mkdir -p "$unpacked/archives"
    # shellcheck disable=SC2086
    (cd "$unpacked/archives" && apt-get download -q -o APT::Sandbox::User=root $archives)
    for archive in "$unpacked"/archives/*.deb; do
        dpkg-deb -x "$archive" "$unpacked"
        rm "$archive"
    done
fi
