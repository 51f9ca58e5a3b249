#!/bin/bash
# mended.sh CAUSES: breaks the installation as each block of the table says, and holds `check` to
# finding it and to mending it with the commands that it prints.
set -euo pipefail
clock='{"name":"Clock","price":12}'
rows=0

# fail TEXT: what was expected, and what `check` said.
fail() {
    printf 'failed: %s: %s\n%s\n' "$name" "$1" "$said" >&2
    exit 1
}

row() {
    said=''
    echo "-- $name"
    bash -c "$break" || fail 'it could not be broken'
    status=0
    said=$(product-lookup check 2>&1) || status=$?
    [ $status = 1 ] || fail "check leaves with $status, not 1"
    [[ $said == *"$finds"* ]] || fail "check does not say: $finds"
    commands=$(sed -n 's/^    \$ //p' <<<"$said")
    [ -n "$commands" ] || fail 'check prints no command'
    while IFS= read -r command; do
        echo "   $ $command"
        bash -c "$command" </dev/null >/tmp/mending 2>&1 || fail "this fails: $command: $(cat /tmp/mending)"
    done <<<"$commands"
    said=$(product-lookup check 2>&1) || fail 'it is not mended'
    said=$(curl -sS --max-time 30 'http://localhost/wsgi/myapp.py?id=A001')
    [ "$said" = "$clock" ] || fail 'the product does not come'
    rows=$((rows + 1))
}

said=$(product-lookup check 2>&1) || { name='before anything is broken' fail 'check finds something'; }
while IFS= read -r line || [ -n "$line" ]; do
    case $line in
        'name: '*) name=${line#name: } ;;
        'break: '*) break=${line#break: } ;;
        'finds: '*)
            finds=${line#finds: }
            row </dev/null
            ;;
    esac
done <"$1"
[ $rows -gt 0 ]
echo "$rows causes were found and mended"
