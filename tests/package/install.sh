#!/bin/sh
# install.sh VERSION: `make install` puts everything below DESTDIR and PREFIX, and `make uninstall`
# takes all of it away.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

make --no-print-directory --silent install DESTDIR="$work" PREFIX=/opt/shop
[ "$(ls "$work")" = opt ]
[ "$("$work/opt/shop/bin/product-lookup" --version)" = "product-lookup $1" ]
[ "$(cat "$work"/opt/shop/share/product-lookup/apache/*.conf | grep -c 'Define .* /opt/shop/')" = 5 ]
for file in product-lookup/html/index.html man/man1/product-lookup.1 zsh/site-functions/_product-lookup \
    bash-completion/completions/product-lookup fish/vendor_completions.d/product-lookup.fish; do
    [ -s "$work/opt/shop/share/$file" ]
done

make --no-print-directory --silent uninstall DESTDIR="$work" PREFIX=/opt/shop
[ -z "$(find "$work" ! -type d -o -name 'product-lookup*')" ]
echo "make install and make uninstall do what they say"
