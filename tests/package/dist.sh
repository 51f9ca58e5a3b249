#!/bin/sh
# dist.sh VERSION: builds from the source archives of that version without network, once cargo has
# fetched what others wrote.
set -eu
cd "$(dirname "$0")/../.."
dist=$PWD/target/dist
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
cd "$work"
mkdir zip
python3 -m zipfile -e "$dist/product-lookup-$1.zip" zip
tar -xf "$dist/product-lookup-$1.tar.gz"
# Modes aside, which Python's zipfile leaves out, both hold the same.
diff -r "zip/product-lookup-$1" "product-lookup-$1"

cd "product-lookup-$1"
cargo vendor --quiet --locked >>.cargo/config.toml
cargo build --offline --locked
[ "$(target/debug/product-lookup --version)" = "product-lookup $1" ]
echo "product-lookup $1 builds from its source archive without network"
