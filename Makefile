PORT ?= 8080
PREFIX ?= /usr/local
DESTDIR ?=
TIME ?= 60
REQUESTS ?= 1000000
SECONDS ?= 5
ROUNDS ?= 5
LARGEST ?= 10000000
PART ?=

# Where rustup puts cargo, in a shell that was open before.
export PATH := $(PATH):$(HOME)/.cargo/bin

rust_version := $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
deny := target/tools/bin/cargo-deny
program := target/release/product-lookup
share := $(DESTDIR)$(PREFIX)/share/product-lookup

.PHONY: help run test check deny bench instructions fuzz load build install uninstall clean rust

help:
	@echo 'make run        start it behind a private Apache: http://localhost:$(PORT) (PORT=$(PORT))'
	@echo 'make test       run every test, behind real web servers too'
	@echo 'make check      format, clippy, licences and tests: what CI runs'
	@echo 'make fuzz       fuzz each target for TIME seconds (TIME=$(TIME))'
	@echo 'make load       REQUESTS answers through Apache, twice (REQUESTS=$(REQUESTS)), and slow clients'
	@echo 'make bench      speed and memory beside its peers (PART=ratios|growth|memory|import|startup)'
	@echo 'make instructions  fail where a piece takes a tenth more instructions than recorded'
	@echo 'make build      build $(program)'
	@echo 'make install    put it below $(PREFIX) (PREFIX=$(PREFIX) DESTDIR=$(DESTDIR))'
	@echo 'make uninstall  take it away again'
	@echo 'make clean      remove what was built'

run: build
	@sh tests/debian.sh run
	@sh apache/run.sh $(PORT)

test: rust
	@sh tests/debian.sh build run test
	@sh tests/npm.sh
	@$(MAKE) --no-print-directory target/python/installed
	cargo test --locked

# From PyPI, what tests/openapi.rs runs, and the parsers of tests/multipart with their own tests.
target/python/installed: tests/requirements.txt
	python3 -m venv --clear target/python
	target/python/bin/pip install --quiet --requirement tests/requirements.txt
	grep -iE '^(python-multipart|werkzeug)==' tests/requirements.txt | xargs target/python/bin/pip download --quiet \
		--no-deps --no-binary python-multipart,werkzeug --dest target/python/sdists
	@touch $@

check: rust
	@sh tests/debian.sh build
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
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
	@sh tests/debian.sh build
	@sh tests/fuzz/run.sh $(TIME)

load: rust
	@sh tests/debian.sh build run load
	REQUESTS=$(REQUESTS) cargo test --locked --release --test all load:: -- --ignored --nocapture --test-threads 1

bench: rust
	@sh tests/debian.sh build run bench
	SECONDS=$(SECONDS) ROUNDS=$(ROUNDS) LARGEST=$(LARGEST) cargo bench --locked --bench peers -- $(PART)
	[ -n "$(PART)" ] || $(MAKE) --no-print-directory instructions
	[ -n "$(PART)" ] || cargo bench --locked --bench micro
	[ -n "$(PART)" ] || cargo bench --locked --bench search

instructions: rust
	@sh tests/debian.sh build bench
	cargo bench --locked --bench micro -- instructions

build: rust
	@sh tests/debian.sh build
	cargo build --release --locked --target-dir target

# Builds only what is missing: `sudo make install` should not need root's own cargo.
install:
	@[ -x $(program) ] || $(MAKE) --no-print-directory build
	install -D -m 755 $(program) $(DESTDIR)$(PREFIX)/bin/product-lookup
	install -d $(share)/apache $(share)/html
	for file in apache/*.conf; do sed 's|/usr/local/|$(PREFIX)/|' $$file > $(share)/$$file; done
	install -m 644 html/* $(share)/html
	chmod 644 $(share)/apache/*.conf

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/product-lookup
	rm -rf $(share)

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
