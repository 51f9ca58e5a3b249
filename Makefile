PORT ?= 8080
PREFIX ?= /usr/local
DESTDIR ?=
TIME ?= 60
REQUESTS ?= 1000000
SECONDS ?= 5
ROUNDS ?= 5
LARGEST ?= 10000000
PART ?=
QUICK := apps:: conversation:: debug_log:: doors::raw_ doors::shell observe:: properties:: readme:: replay::

# Where rustup puts cargo, in a shell that was open before.
export PATH := $(PATH):$(HOME)/.cargo/bin

rust_version := $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
deny := target/tools/bin/cargo-deny
program := target/release/product-lookup
manual := target/manual
share := $(DESTDIR)$(PREFIX)/share
own := $(share)/product-lookup
version := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
# The Debian package's own number: 2 is the same program, packed anew.
REVISION ?= 1
cargo_deb := target/tools/bin/cargo-deb

.PHONY: help run quick test test-clients test-cluster check deny bench bench-cluster instructions fuzz load build install uninstall deb \
	test-deb test-same dist test-dist clean rust

help:
	@echo 'make run        start it behind a private Apache: http://localhost:$(PORT) (PORT=$(PORT))'
	@echo 'make quick      run the tests that need no server, in seconds once built'
	@echo 'make test       run every test, behind real web servers too'
	@echo 'make test-clients  ask with the clients of other languages, through five web servers'
	@echo 'make test-cluster  kill and cut off the nodes of a database cluster (as root)'
	@echo 'make check      format, clippy, licences and tests: what CI runs before test-deb'
	@echo 'make fuzz       fuzz each target for TIME seconds (TIME=$(TIME))'
	@echo 'make load       REQUESTS answers through Apache, twice (REQUESTS=$(REQUESTS)), and slow clients'
	@echo 'make bench      speed and memory beside its peers (PART=ratios|growth|memory|import), and searches'
	@echo 'make instructions  fail where a piece takes a tenth more instructions than recorded'
	@echo 'make bench-cluster  what lookups in a database server cost'
	@echo 'make build      build $(program)'
	@echo 'make install    put it below $(PREFIX) (PREFIX=$(PREFIX) DESTDIR=$(DESTDIR))'
	@echo 'make uninstall  take it away again'
	@echo 'make deb        pack it for Debian: target/dist/product-lookup_$(version)-$(REVISION)_ARCHITECTURE.deb'
	@echo 'make test-deb   install, use, break, mend, upgrade and purge that in a pristine Debian (takes root)'
	@echo 'make test-same  build it twice, in two folders: the same to the byte'
	@echo 'make dist       write the source archives target/dist/product-lookup-$(version).tar.gz and .zip'
	@echo 'make test-dist  build from them without network'
	@echo 'make clean      remove what was built'

run: build
	@sh tests/debian.sh run
	@sh apache/run.sh $(PORT)

test: rust
	@sh tests/debian.sh build run test
	@sh tests/npm.sh
	@$(MAKE) --no-print-directory target/python/installed
	cargo test --locked --package cgi-responder --all-features
	cargo test --locked --features manual

# From PyPI, what tests/openapi.rs runs, and the parsers of tests/multipart with their own tests.
target/python/installed: tests/requirements.txt
	python3 -m venv --clear target/python
	target/python/bin/pip install --quiet --requirement tests/requirements.txt
	grep -iE '^(python-multipart|werkzeug)==' tests/requirements.txt | xargs target/python/bin/pip download --quiet \
		--no-deps --no-binary python-multipart,werkzeug --dest target/python/sdists
	@touch $@

# Names of tests, as the test runner takes them: they start nothing but the program itself.
quick: rust
	@sh tests/debian.sh build
	cargo test --locked --quiet --package cgi-responder --all-features
	cargo test --locked --quiet --lib
	cargo test --locked --quiet --test all -- $(QUICK)

test-cluster: rust
	@sh tests/debian.sh build cluster
	cargo test --locked --test all cluster -- --ignored --nocapture --test-threads 1

check: rust
	@sh tests/debian.sh build
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --quiet --package cgi-responder --all-features --no-deps
	@sh tests/debian.sh fuzz
	@cp Cargo.lock tests/fuzz/Cargo.lock
	cargo clippy --manifest-path tests/fuzz/Cargo.toml --target-dir target/fuzz -- -D warnings
	@$(MAKE) --no-print-directory deny
	@$(MAKE) --no-print-directory test

# Licences, sources and versions of all crates; advisories and yanked ones where their database
# can be had.
deny: $(deny)
	@if $(deny) --config tests/deny.toml fetch db >/dev/null 2>&1; then which=; else \
	    which='licenses bans sources'; \
	    echo 'There is no advisory database to be had; all else is checked.'; fi; \
	$(deny) --config tests/deny.toml check $$which

# Without optimisation: it is built on each new machine, and looks at one file.
$(deny):
	cargo install --quiet --locked --debug --root target/tools --target-dir target/tools/build cargo-deny@0.20.2
	@rm -rf target/tools/build

fuzz: rust
	@sh tests/debian.sh build fuzz
	@sh tests/fuzz/run.sh $(TIME)

test-clients: rust
	@sh tests/debian.sh build run test clients
	cargo test --locked --test all -- clients:: --ignored

load: rust
	@sh tests/debian.sh build run load
	REQUESTS=$(REQUESTS) cargo test --locked --release --test all -- load:: a_gibibyte_each_way --ignored --nocapture --test-threads 1

bench: rust
	@sh tests/debian.sh build run bench
	SECONDS=$(SECONDS) ROUNDS=$(ROUNDS) LARGEST=$(LARGEST) cargo bench --locked --bench peers -- $(PART)
	[ -n "$(PART)" ] || $(MAKE) --no-print-directory instructions
	[ -n "$(PART)" ] || cargo bench --locked --bench micro
	[ -n "$(PART)" ] || cargo bench --locked --bench search

instructions: rust
	@sh tests/debian.sh build bench
	cargo bench --locked --bench micro -- instructions

bench-cluster: rust
	@sh tests/debian.sh build cluster
	cargo bench --locked --bench databases

# The program, and the manual that its command line's definitions make. The same commit gives the same program in every
# folder, and whosever cargo's own folder is.
build: rust
	@sh tests/debian.sh build
	RUSTFLAGS="--remap-path-prefix=$${CARGO_HOME:-$$HOME/.cargo}=/cargo" cargo build --release --locked --target-dir target --features manual --bins
	target/release/manual $(manual)

# Builds only what is missing: `sudo make install` should not need root's own cargo.
install:
	@[ -x $(program) ] && [ -d $(manual) ] || $(MAKE) --no-print-directory build
	install -D -m 755 $(program) $(DESTDIR)$(PREFIX)/bin/product-lookup
	install -d $(own)/apache $(own)/html $(share)/man/man1
	for file in apache/*.conf; do sed 's|/usr/local/|$(PREFIX)/|' $$file > $(own)/$$file; done
	chmod 644 $(own)/apache/*.conf
	install -m 644 html/* $(own)/html
	install -m 644 $(manual)/*.1 $(share)/man/man1
	install -D -m 644 $(manual)/product-lookup.bash $(share)/bash-completion/completions/product-lookup
	install -D -m 644 $(manual)/product-lookup.fish $(share)/fish/vendor_completions.d/product-lookup.fish
	install -D -m 644 $(manual)/_product-lookup $(share)/zsh/site-functions/_product-lookup

uninstall:
	rm -rf $(own)
	rm -f $(DESTDIR)$(PREFIX)/bin/product-lookup \
		$(share)/man/man1/product-lookup.1 $(share)/man/man1/product-lookup-*.1 \
		$(share)/bash-completion/completions/product-lookup \
		$(share)/fish/vendor_completions.d/product-lookup.fish \
		$(share)/zsh/site-functions/_product-lookup

deb: build $(cargo_deb)
	@sh tests/debian.sh deb
	@rm -rf target/package
	@$(MAKE) --no-print-directory install DESTDIR=target/package PREFIX=/usr
	sh apache/debian/changelog.sh $(REVISION) > target/package/changelog
	$(cargo_deb) --no-build --deb-revision $(REVISION) --output target/dist/

# Without optimisation, as cargo-deny.
$(cargo_deb):
	cargo install --quiet --locked --debug --root target/tools --target-dir target/tools/build cargo-deb@3.8.0
	@rm -rf target/tools/build

test-deb: deb
	@$(MAKE) --no-print-directory deb REVISION=2
	@sh tests/debian.sh package
	@sh tests/package/install.sh $(version)
	@sh tests/package/run.sh $(version)

# Builds what is committed twice, in two folders and with two folders of cargo's.
test-same: rust
	@sh tests/package/same.sh

# What is committed, so that it is the same on every machine.
dist:
	@mkdir -p target/dist
	git archive --prefix=product-lookup-$(version)/ --output=target/dist/product-lookup-$(version).tar.gz HEAD
	git archive --prefix=product-lookup-$(version)/ --output=target/dist/product-lookup-$(version).zip HEAD

test-dist: rust dist
	@sh tests/package/dist.sh $(version)

clean:
	rm -rf target

rust:
	@have=$$(cargo --version 2>/dev/null | cut -d ' ' -f 2); \
	oldest=$$(printf '%s\n' $(rust_version) "$$have" | sort -V | head -n 1); \
	if [ "$$oldest" != $(rust_version) ]; then \
		echo "This needs Rust $(rust_version) or newer; cargo here is $${have:-missing}. To get it:" >&2; \
		echo "  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y" >&2; \
		echo "or, where rustup is installed already: rustup update stable" >&2; \
		exit 1; \
	fi
