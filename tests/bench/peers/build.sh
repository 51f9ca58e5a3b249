#!/bin/sh
# Builds the peers, each with its language's own optimisation: build.sh FOLDER
set -eu
to=$1
cd "$(dirname "$0")"
cc -O2 lookup.c -lfcgi -lsqlite3 -o "$to/lookup-c"
cc -O2 hello.c -lfcgi -o "$to/hello-c"
# Debian's own copy of go-sqlite3, with Debian's SQLite.
export GO111MODULE=off GOPATH=/usr/share/gocode
go build -tags libsqlite3 -o "$to/lookup-go" lookup.go
go build -o "$to/hello-go" hello.go
target=../../../target/bench
cargo build --quiet --release --locked --target-dir $target
cp $target/release/lookup "$to/lookup-rust"
cp $target/release/hello "$to/hello-rust"
cargo build --quiet --release --locked --target-dir $target --manifest-path ../../../src/gateway/Cargo.toml --example hello
cp $target/release/examples/hello "$to/hello-gateway"
cp lookup.py lookup.php "$to"
