#!/bin/bash
# What an administrator does with the package, in the tree that run.sh made: as the README says,
# then all that may happen to it until nothing of it is left. The first surprise ends it.
set -euo pipefail
trap 'echo "failed in line $LINENO: $BASH_COMMAND" >&2; tail -n 5 /var/log/apache2/error.log >&2' ERR
cd /root
mount -t proc proc /proc
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
ip link set lo up
echo "127.0.0.1 localhost $(hostname)" >/etc/hosts

url=http://localhost
clock='{"name":"Clock","price":12}'
confs=/etc/apache2/conf-available
data=/var/lib/product-lookup
log=/var/log/product-lookup

step() { echo "== $1"; }

# is WHAT EXPECTED
is() {
    [ "$1" = "$2" ] || { printf 'expected: %s\n     got: %s\n' "$2" "$1" >&2; false; }
}

# has TEXT PART
has() {
    [[ $1 == *"$2"* ]] || { printf 'expected: ...%s...\n     got: %s\n' "$2" "$1" >&2; false; }
}

get() { curl -sS --max-time 30 "$url$1"; }

# Whatever here is called after the package or speaks of it, but for others' records and caches.
traces() {
    {
        find / -xdev -name '*product-lookup*'
        grep -rlI product-lookup /boot /etc /home /opt /run /srv /usr /var || true
    } | grep -v -e ^/root/ -e ^/var/log/apt/ -e ^/var/log/dpkg.log -e ^/var/log/alternatives.log \
        -e ^/var/log/apache2/ -e -old$ -e ^/var/cache/ -e ^/var/lib/apt/extended_states -e ^/var/lib/logrotate/status || true
}

step 'nothing of it is here'
is "$(traces)" ''

step 'the installation section of the README'
# Each line is a command; what it must print follows after ` # `. apt gets a person's "y".
section=$(sed -n '/^## Install it$/,/^## /p' test/README.md | sed -n '/^```sh$/,/^```$/p' | sed '/^```/d')
[ "$(wc -l <<<"$section")" -ge 5 ]
while IFS= read -r line; do
    command=$(sed 's/  *# .*//' <<<"$line")
    echo "$ $command"
    printed=$(bash -c "$command" 2>/tmp/stderr < <(yes 2>/dev/null)) || { cat /tmp/stderr; false; }
    case $line in
        *'  # '*) is "$printed" "$(sed 's/.*  # *//' <<<"$line")" ;;
        *) echo "$printed" | tail -n 3 ;;
    esac
done <<<"$section"

step 'the pages, the forms and the log'
has "$(get /products/)" '/wsgi/myapp.py?format=html'
has "$(get '/wsgi/myapp.py?format=html')" '<form'
has "$(get /products/openapi.json)" '"openapi"'
is "$(curl -sS -F id=A002 "$url/wsgi/myapp.py")" '{"name":"Bi-Noculars","price":40}'
is "$(get /sample)" 'Hello World!'
has "$(cat $log/debug.log)" 'content_len: '
is "$(stat -c '%U %G %a' $log)" 'www-data adm 2750'
if sudo -u nobody ls $log 2>/dev/null; then false; fi
logrotate -f /etc/logrotate.d/product-lookup
is "$(curl -sS -d id=A001 "$url/myapp")" "$clock"
has "$(cat $log/debug.log)" 'no of lines: 1'
# The administrators read it, whatever the umask of who writes.
rm $log/debug.log
printf 'id=A001' | setpriv --reuid www-data --regid www-data --clear-groups sh -c "umask 027
    DEBUG_LOG=$log/debug.log REQUEST_METHOD=POST CONTENT_LENGTH=7 product-lookup >/dev/null"
is "$(stat -c '%U %G %a' $log/debug.log)" 'www-data adm 640'
has "$(setpriv --reuid nobody --regid adm --clear-groups cat $log/debug.log)" 'content_len: 7'
ls $log/debug.log.1.gz

step 'the manual and the completions'
for page in /usr/share/man/man1/product-lookup*.1.gz; do
    has "$(man --warnings -l "$page" 2>&1)" 'SYNOPSIS'
    is "$(man --warnings -l "$page" 2>&1 >/dev/null)" ''
done
is "$(bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader product-lookup || [ $? = 124 ]
    COMP_WORDS=(product-lookup import --rep) COMP_CWORD=2; _product__lookup product-lookup --rep import
    echo "${COMPREPLY[@]}"')" --replace
is "$(zsh -fc 'autoload -U compinit && compinit -D && echo $_comps[product-lookup] && autoload +X _product-lookup')" _product-lookup
has "$(fish -c 'complete -C "product-lookup imp"')" import

step 'the unit: hardened, and answering through its socket'
systemd-analyze verify /lib/systemd/system/product-lookup.{socket,service}
systemd-analyze security --offline=true --threshold=20 --no-pager product-lookup.service | tail -n 1
a2disconf -q product-lookup
a2enmod -q proxy_fcgi
a2enconf -q product-lookup-proxy
install -d -o www-data -g www-data /run/product-lookup
# As the unit has it: a listening socket on descriptor 0.
systemd-socket-activate --inetd -l /run/product-lookup/socket \
    setpriv --reuid www-data --regid www-data --clear-groups /usr/bin/product-lookup &
socket=$!
until [ -S /run/product-lookup/socket ]; do sleep 0.1; done
chown www-data /run/product-lookup/socket
service apache2 restart
is "$(get '/wsgi/myapp.py?id=A001')" "$clock"
echo $socket >/run/product-lookup/pid
bash test/mended.sh test/causes proxy_fcgi
rm -r /run/product-lookup

step 'as a CGI program, with a cache'
a2disconf -q product-lookup-proxy
a2enmod -q cgid cache cache_socache socache_shmcb
a2enconf -q product-lookup-cgi product-lookup-cache
service apache2 restart
get '/wsgi/myapp.py?id=A001' >/dev/null
has "$(curl -sS -D- "$url/wsgi/myapp.py?id=A001")" 'X-Cache: HIT'
bash test/mended.sh test/causes cgi
a2disconf -q product-lookup-cgi product-lookup-cache
a2enconf -q product-lookup
service apache2 restart

step 'each thing that goes wrong is found, and mended as it says'
cp $confs/product-lookup.conf conf
bash test/mended.sh test/causes fcgid
mv confs/* $confs/
cp conf $confs/product-lookup.conf
rm -r /srv/shop /srv/logs
# PrivateTmp's row left Apache with temporary folders of its own, where its init script does not find it.
pid=$(cat /run/apache2/apache2.pid)
apachectl stop
while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
service apache2 start

step 'upgrade: the catalogue, the settings and what was disabled stay'
echo 'Define PRODUCT_LOOKUP_CACHE_SECONDS 7' | cat - $confs/product-lookup.conf >conf
cp conf $confs/product-lookup.conf
PRODUCTS_DB=$data/products.db product-lookup import prices.csv
before=$(sha256sum $data/products.db)
apt-get -y install ./next/product-lookup_*.deb
has "$(dpkg-query -W -f '${Version}' product-lookup)" '-2'
cmp conf $confs/product-lookup.conf
is "$(sha256sum $data/products.db)" "$before"
has "$(curl -sS -D- "$url/wsgi/myapp.py?id=B001")" 'Cache-Control: public, max-age=7'
a2disconf -q product-lookup
apt-get -y install --reinstall ./next/product-lookup_*.deb
is "$(curl -s -o /dev/null -w '%{http_code}' "$url/wsgi/myapp.py?id=A001")" 404
a2enconf -q product-lookup

step 'upgrade: a catalogue on a disk that is not mounted is not replaced'
mkdir /srv/disk
for link in $data/products.db $data; do
    mv $link /srv/disk/there
    ln -s /srv/disk/there $link
    mv /srv/disk /srv/away
    apt-get -y install --reinstall ./next/product-lookup_*.deb
    is "$(readlink $link) $(ls /srv)" '/srv/disk/there away'
    is "$(curl -s -o /dev/null -w '%{http_code}' "$url/wsgi/myapp.py?id=B001")" 503
    mv /srv/away /srv/disk
    is "$(get '/wsgi/myapp.py?id=B001')" '{"name":"Teapot","price":19.90}'
    rm $link
    mv /srv/disk/there $link
done
rmdir /srv/disk
# Nor where the place of a disk is there, and empty.
mv $data /srv/away
mkdir $data
apt-get -y install --reinstall ./next/product-lookup_*.deb
is "$(ls $data)" ''
rmdir $data
mv /srv/away $data

step 'remove: Apache goes on without it, and what was made with it stays'
apt-get -y remove product-lookup
apachectl configtest
is "$(curl -s -o /dev/null -w '%{http_code}' "$url/wsgi/myapp.py?id=A001")" 404
is "$(sha256sum $data/products.db)" "$before"
apt-get -y install ./next/product-lookup_*.deb
is "$(get '/wsgi/myapp.py?id=B001')" '{"name":"Teapot","price":19.90}'

step 'purge: nothing is left'
apt-get -y purge product-lookup
is "$(traces)" ''
apachectl configtest
echo '== all is well'
