#!/bin/sh
# Gets from npm what the tests hold the pages against, of these versions, into target/npm.
set -eu
cd "$(dirname "$0")/.."
missing=''

# want PACKAGE VERSION
want() {
    grep -qs "\"version\": *\"$2\"" "target/npm/node_modules/$1/package.json" || missing="$missing $1@$2"
}

want axe-core 4.14.1
want vnu-jar 26.9.27
[ -n "$missing" ] || exit 0

echo "Getting from npm:$missing"
mkdir -p target/npm
# The script that vnu-jar comes with would download a Java of its own. The list is split on purpose.
# shellcheck disable=SC2086
npm install --prefix target/npm --ignore-scripts --no-audit --no-fund --loglevel error $missing
