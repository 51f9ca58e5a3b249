#!/bin/bash
# The first hour of apache/README.md, in the tree of boot.sh: each of its commands is run as it stands there and prints what
# stands behind it, and each block for a file is written into that. Its commands of other sections are known here.
set -Eeuo pipefail
trap 'echo "failed in line $LINENO: $BASH_COMMAND" >&2; tail -n 5 /var/log/apache2/error.log >&2' ERR
cd /root

# Run elsewhere: what builds and installs without the package by install.sh, Apache, `serve` and databases by `make test`,
# where the folders, ports and passwords are a test's own.
elsewhere=$(cat <<'COMMANDS'
sudo make install                    # below /usr/local, or PREFIX=...; `make uninstall` takes it away again
sudo mkdir -p /srv/shop/log
sudo chgrp www-data /srv/shop/log && sudo chmod g+w /srv/shop/log
sudo PRODUCTS_DB=/srv/shop/products.db product-lookup import prices.csv
sudo apt-get install libapache2-mod-fcgid
sudo a2enmod fcgid && sudo a2enconf product-lookup
sudo apachectl configtest && sudo systemctl reload apache2
curl 'http://localhost/wsgi/myapp.py?id=A001'
sudo install -d -o www-data /run/product-lookup
sudo -u www-data product-lookup serve --listen unix:/run/product-lookup/socket
mariadb -e "CREATE DATABASE shop; CREATE USER shop IDENTIFIED BY 'PASSWORD'; GRANT ALL ON shop.* TO shop"
export PRODUCTS_DB=mysql://shop@db1:3306,db2:3306,db3:3306/shop
export PRODUCTS_DB_PASSWORD_FILE=/etc/product-lookup/password    # or shop:PASSWORD@ in the URL, percent-encoded
product-lookup import prices.csv                                 # makes the tables
product-lookup export | wc -l
FCGI_WEB_SERVER_ADDRS=10.0.0.10 product-lookup serve --listen 10.0.0.11:9000     # Apache's address, and its own
sudo a2enmod proxy proxy_fcgi proxy_balancer lbmethod_byrequests slotmem_shm
COMMANDS
)

starts() { grep -c 'resuming normal operations' /var/log/apache2/error.log 2>/dev/null; }

# run LINE: a command, of which a reload of Apache is waited for. apt gets a person's "y".
run() {
    local command=${1%%  # *} before
    echo "$ $command"
    before=$(starts || true)
    eval "$command" >/tmp/printed 2>/tmp/stderr < <(yes 2>/dev/null || true) || { cat /tmp/printed /tmp/stderr >&2; false; }
    case $1 in *'reload apache2'*) until [ "$(starts)" -gt "$before" ]; do sleep 0.1; done ;; esac
    case $1 in *'  # '*) ;; *) return 0 ;; esac
    [ "$(cat /tmp/printed)" = "${1#*  # }" ] || { echo "expected: ${1#*  # }" >&2; cat /tmp/printed /tmp/stderr >&2; false; }
    checked=$((checked + 1))
}

section='' block='' file='' known='' checked=0
while IFS= read -r line; do
    case $block:$line in
        :'## '*) section=${line#\#\# } ;;
        :'### An upgrade') rm product-lookup_*.deb && mv next/product-lookup_*.deb . ;;
        :'```'*) block=${line#\`\`\`} file='' ;;
        *:'```') block='' ;;
        sh:*) if [ "$section" = 'The first hour' ]; then run "$line"; else known+=$line$'\n'; fi ;;
        apache:'# '* | ini:'# '*) file=${line#\# } && file=${file%%,*} ;;
        apache:* | ini:*) [ "$section" != 'The first hour' ] || echo "$line" >>"$file" ;;
    esac
done <test/apache.md
[ "${known%$'\n'}" = "$elsewhere" ] || { diff <(echo "$elsewhere") <(echo "$known") >&2; false; }
[ $checked -ge 15 ]
echo '== all is well'
