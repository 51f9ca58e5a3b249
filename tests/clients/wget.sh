#!/bin/sh
# wget: wget.sh URL
set -eu
url=$1
# told WHAT ARGUMENT...
told() {
    what=$1
    shift
    echo "wget $what $(wget -q -O - "$@")"
}
told get "$url?id=A001"
told form --post-data=id=A002 "$url"
told json --header='Content-Type: application/json' --post-data='{"id":"A002","more":[true]}' "$url"
