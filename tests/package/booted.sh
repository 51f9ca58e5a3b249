#!/bin/bash
# What an administrator does on a machine that boots, in the tree of boot.sh: by the first boot the package is installed,
# started by its own unit in two commands, and upgraded; by the second all of that is there.
set -Eeuo pipefail
trap 'echo "failed in line $LINENO: $BASH_COMMAND" >&2; journalctl -b -n 30 --no-pager -u "product-lookup*" >&2; tail -n 5 /var/log/apache2/error.log >&2' ERR
cd /root

# is WHAT EXPECTED
is() {
    [ "$1" = "$2" ] || { printf 'expected: %s\n     got: %s\n' "$2" "$1" >&2; false; }
}

# It answers, and the unit's process does.
answers() {
    is "$(systemctl is-active product-lookup.socket)" active
    is "$(curl -sS --max-time 30 'http://localhost/wsgi/myapp.py?id=A001')" '{"name":"Clock","price":12}'
    is "$(systemctl is-active product-lookup.service)" active
}

if [ ! -e test/installed ]; then
    apt-get -y install ./product-lookup_*.deb
    is "$(curl -sS --max-time 30 http://localhost/sample)" 'Hello World!'
    is "$(systemctl is-active product-lookup.socket || true)" inactive
    commands=$(sed -n 's/^#     //p' /etc/apache2/conf-available/product-lookup-proxy.conf)
    is "$(wc -l <<<"$commands")" 2
    bash -euxc "$commands"
    answers
    # The program itself reads and writes as the unit lets it.
    curl -sS -d id=A001 http://localhost/wsgi/myapp.py
    is "$(stat -c '%U %G' /var/log/product-lookup/debug.log)" 'www-data adm'
    setpriv --reuid nobody --regid adm --clear-groups grep 'no of lines: 1' /var/log/product-lookup/debug.log
    # One process answers all, so it counts for all.
    sed -i '1i Define PRODUCT_LOOKUP_STATUS on' /etc/apache2/conf-available/product-lookup-proxy.conf
    systemctl reload apache2
    metrics=$(curl -sS 'http://localhost/wsgi/status?format=openmetrics')
    is "${metrics##*$'\n'}" '# EOF'
    apt-get -y install ./next/product-lookup_*.deb
    answers
    touch test/installed
fi
answers
echo '== all is well'
