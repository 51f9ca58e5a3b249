#!/bin/sh
# Fuzzes each target, or those that are named, for TIME seconds: tests/fuzz/run.sh TIME [TARGET...]
# No nightly compiler is needed: it is the stable one's own coverage pass. What is new and of use
# stays in target/fuzz/corpus for the next time; an input that fails goes to tests/fuzz/findings.
set -eu
cd "$(dirname "$0")"
seconds=${1:?seconds for each target}
shift
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(sed -n 's/^    ("\([a-z]*\)", .*/\1/p' checks/mod.rs)
target=${CARGO_TARGET_DIR:-$PWD/../../target/fuzz}
host=$(rustc -vV | sed -n 's/^host: //p')

# The crates that the program itself is built of, and nothing newer.
[ Cargo.lock -nt ../../Cargo.lock ] || cp ../../Cargo.lock Cargo.lock
# With --target the flags are for the program and not for what builds it.
RUSTFLAGS="-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares" \
    cargo build --quiet --release --target "$host" --target-dir "$target"

# Catalogues and logs are in memory where that is possible, and gone at the end.
memory=/dev/shm
[ -w $memory ] || memory=${TMPDIR:-/tmp}
TMPDIR=$(mktemp -d "$memory/product-lookup-fuzz.XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 1' HUP INT TERM
# The server's threads have no more stack (settings/limits.rs, STACK_BYTES).
ulimit -s 512

failed=
for name in "$@"; do
    mkdir -p "$target/corpus/$name" "corpus/$name" "findings/$name" "$TMPDIR/seeds/$name"
    FUZZ_TARGET=$name FUZZ_SEEDS="$TMPDIR/seeds/$name" "$target/$host/release/fuzz" \
        "$target/corpus/$name" "$TMPDIR/seeds/$name" "corpus/$name" "findings/$name" \
        -max_total_time="$seconds" -max_len=8192 -timeout=10 -rss_limit_mb=1024 -dict=words.dict \
        -artifact_prefix="findings/$name/" -print_final_stats=1 >"$target/$name.log" 2>&1 || failed="$failed $name"
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$target/$name.log")
    rmdir "corpus/$name" "findings/$name" 2>/dev/null || true
    echo "$name: ${executions:-no} executions in $seconds s"
done
rmdir findings 2>/dev/null || true
if [ -n "$failed" ]; then
    for name in $failed; do
        echo "$name failed; what it says is in $target/$name.log, and the input in tests/fuzz/findings/$name:" >&2
        grep -a -m 3 -A 3 -e 'panicked at' -e 'ERROR: libFuzzer' "$target/$name.log" >&2 || true
    done
    exit 1
fi
