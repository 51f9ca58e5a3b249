#!/bin/sh
# install.sh VERSION: `make install` puts everything below DESTDIR and PREFIX, and `make uninstall`
# takes all of it away.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

# is WHAT GOT EXPECTED
is() {
    [ "$2" = "$3" ] && return
    printf 'install.sh: %s\nexpected: %s\n     got: %s\n' "$1" "$3" "$2" >&2
    exit 1
}

make --no-print-directory --silent install DESTDIR="$work" PREFIX=/opt/shop
is 'what lies in DESTDIR' "$(ls "$work")" opt
is 'the version' "$("$work/opt/shop/bin/product-lookup" --version)" "product-lookup $1"
installed=$work/opt/shop/share/product-lookup/apache
is 'the paths in the configurations' "$(cat "$installed"/*.conf | grep ' /opt/shop/')" \
    "$(cat apache/*.conf | sed -n 's|^\( *Define .* \)/usr/local/|\1/opt/shop/|p')"
for file in product-lookup/html/index.html man/man1/product-lookup.1 zsh/site-functions/_product-lookup \
    bash-completion/completions/product-lookup fish/vendor_completions.d/product-lookup.fish; do
    is "$file" "$([ -s "$work/opt/shop/share/$file" ] && echo there)" there
done

make --no-print-directory --silent uninstall DESTDIR="$work" PREFIX=/opt/shop
is 'what is left' "$(find "$work" ! -type d -o -name 'product-lookup*')" ''
echo "make install and make uninstall do what they say"
