#!/bin/bash
# mended.sh CAUSES DOOR: breaks the installation as each block of the table says for that door, and holds
# `check` to telling just that, and to mending it with the commands that it prints; or, where a block has a
# line `mend: ` for what only a person can do, to printing none.
set -euo pipefail
clock='{"name":"Clock","price":12}'
rows=0
# The names that the table has for folders and files.
export ETC=/etc/apache2 DATA=/var/lib/product-lookup LOGS=/var/log/product-lookup SRV=/srv \
    BIN=/usr/bin/product-lookup SHIPPED=/usr/share/product-lookup/apache SOCKET=/run/product-lookup/socket \
    RUN=/run/product-lookup PID=/run/apache2/apache2.pid SERVE=/run/product-lookup/pid
export CONF=$ETC/conf-available/product-lookup.conf

# named TEXT: with these names, and without what depends on which packages there are.
named() {
    local text=$1 name
    for name in SHIPPED ETC DATA LOGS BIN SOCKET RUN SRV; do
        text=${text//"${!name}"/"\$$name"}
    done
    grep -v '^\$ apt-get install ' <<<"$text"
}

# fail TEXT: what was expected, and what `check` said.
fail() {
    printf 'failed: %s: %s\n%s\n' "$name" "$1" "$said" >&2
    exit 1
}

starts() {
    grep -c 'resuming normal operations' /var/log/apache2/error.log || true
}

# run COMMAND, and wait for Apache where it starts or is reloaded: asked for the next reload before,
# it may wait for ever for a process manager of mod_fcgid that did not hear it.
run() {
    local before until=$((SECONDS + 30))
    before=$(starts)
    bash -c "$1" || return
    if [[ $1 =~ 'apachectl '(start|graceful) ]] && apachectl configtest 2>/dev/null; then
        until [ "$(starts)" -gt "$before" ]; do
            [ $SECONDS -lt $until ] || return 1
            sleep 0.1
        done
    fi
}

row() {
    said=''
    echo "-- $name"
    run "$break" || fail 'it could not be broken'
    status=0
    said=$(product-lookup check 2>&1) || status=$?
    [ $status = 1 ] || fail "check leaves with $status, not 1"
    broken=$(sed -n 's/^  broken  //p; s/^    \(\$ \)/\1/p' <<<"$said")
    [ "$(named "$broken")" = "$(named "$finds")" ] || fail "check does not say: $finds"
    commands=$(sed -n 's/^    \$ //p' <<<"$said")
    if [ -n "$mend" ]; then
        [ -z "$commands" ] || fail 'check prints commands'
        commands=$mend
    fi
    [ -n "$commands" ] || fail 'check prints no command'
    while IFS= read -r command; do
        echo "   $ $command"
        run "$command" </dev/null >/tmp/mending 2>&1 || fail "this fails: $command: $(cat /tmp/mending)"
    done <<<"$commands"
    said=$(product-lookup check 2>&1) || fail 'it is not mended'
    said=$(curl -sS --max-time 30 'http://localhost/wsgi/myapp.py?id=A001')
    [ "$said" = "$clock" ] || fail 'the product does not come'
    rows=$((rows + 1))
}

said=$(product-lookup check 2>&1) || { name='before anything is broken' fail 'check finds something'; }
door='' name=''
while IFS= read -r line || [ -n "$line" ]; do
    case $line in
        'door: '*) door=${line#door: } ;;
        'name: '*) name=${line#name: } where='' mend='' finds='' ;;
        'where: '*) where=${line#where: } ;;
        'break: '*) break=${line#break: } ;;
        'mend: '*) mend=${line#mend: } ;;
        'finds:') ;;
        ?*) finds+=${finds:+$'\n'}$line ;;
        '')
            [ "$door" != "$2" ] || [ -z "$name" ] || [ "$where" = tree ] || row </dev/null
            name=''
            ;;
    esac
done < <(cat "$1" && echo)
[ $rows -gt 0 ]
echo "$rows causes were found and mended"
