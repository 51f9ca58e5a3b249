#!/bin/sh
# same.sh: two builds of what is committed, in two folders and with two folders of cargo's, are the same to the byte.
set -eu
cd "$(dirname "$0")/../.."
source=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
cargo fetch --quiet --locked
for folder in one another/folder; do
    mkdir -p "$work/$folder"
    git -C "$source" archive HEAD | tar -x -C "$work/$folder"
    # What others wrote, as it was fetched; the program that cargo is stays where it is.
    mkdir "$work/$folder/cargo"
    cp -r "${CARGO_HOME:-$HOME/.cargo}/registry" "$work/$folder/cargo/"
    (cd "$work/$folder" && CARGO_HOME=$PWD/cargo CARGO_NET_OFFLINE=true make --no-print-directory build)
done
cmp "$work/one/target/release/product-lookup" "$work/another/folder/target/release/product-lookup"
echo 'both builds are the same'
