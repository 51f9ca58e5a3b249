#!/bin/sh
# changelog.sh REVISION: changes.md as Debian's changelog, on stdout.
# Its headings are `### VERSION (YEAR-MONTH-DAY)`, with a list below each.
set -eu
cd "$(dirname "$0")/../.."
maintainer=$(sed -n 's/^maintainer = "\(.*\)"/\1/p' Cargo.toml)

signed() {
    [ -z "$day" ] || printf '\n -- %s  %s\n\n' "$maintainer" "$(LC_ALL=C date -u -R -d "$day")"
}

day=''
while read -r first rest; do
    case $first in
        '###')
            signed
            day=${rest#*(} day=${day%)}
            printf 'product-lookup (%s-%s) unstable; urgency=medium\n\n' "${rest%% *}" "$1"
            ;;
        -) echo "  * $rest" ;;
        '#') ;;
        ?*) echo "    $first $rest" ;;
    esac
done <apache/debian/changes.md
signed
