# Every target works from a bare checkout: it installs or names what is missing. Cargo always resolves
# features over the whole workspace (`--workspace`), so nothing is compiled twice.
TARGET = $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
STACK = $(TARGET)/debug/keyward-stack
DOCS = $(TARGET)/docs
PROFILE ?= dev
export PROFILE

.DEFAULT_GOAL := help
.PHONY: help up test attacks bench-avatars bench-board bench-events bench-login chaos monitoring check docs coverage prepare fmt stack coverage-tools

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 18

up: stack ## run Keyward and everything it needs, until Ctrl-C (PROFILE=release for speed)
	@$(STACK) up

test: stack ## run all tests, with servers of their own (ARGS are passed to cargo test)
	@$(STACK) test $(ARGS)

attacks: stack ## run the tests of the security properties, and count them
	@$(STACK) test --test it --test journeys attacks:: 2>&1 | awk -f tests/attacks.awk

bench-avatars: ## measure the renditions of an avatar: milliseconds, bytes, memory
	cargo bench --workspace --bench avatars

bench-login: stack ## measure a login, and other requests during a flood of logins
	@cargo build --release --workspace --bins
	@$(STACK) run -- cargo bench --quiet --workspace --bench login

bench-events: stack ## measure the throughput and latency of the event pipeline
	@$(STACK) run -- cargo bench --quiet --workspace --bench events

bench-board: stack ## measure the board with a million jobs
	@$(STACK) run -- cargo bench --quiet --workspace --bench board

monitoring: stack ## test alerts and dashboard with a real Prometheus, under load and faults
	@$(STACK) test --test monitoring -- --include-ignored --nocapture

chaos: stack ## run every FAULT ROUNDS times (default 3), print a table; SEED repeats a run
	@ROUNDS=$${ROUNDS:-3} $(STACK) test --test chaos -- --include-ignored $(FAULT)

check: stack ## run all checks except the tests: format, clippy, dependencies, SQL
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	@command -v cargo-deny >/dev/null || cargo install cargo-deny --locked --debug
	cargo deny check -A unused-wrapper bans licenses sources
	@$(STACK) prepare --check

docs: $(DOCS)/venv/ready ## build the handbook and rustdoc into one site (target/site), check its links
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items
	@$(DOCS)/venv/bin/python docs/site/build.py --work $(DOCS) --site $(TARGET)/site --rustdoc $(TARGET)/doc

$(DOCS)/venv/ready: docs/site/requirements.txt
	@rm -rf $(DOCS)/venv
	@python3 -m venv $(DOCS)/venv 2>/dev/null || \
	{ apt-get update -qq && apt-get install -y -qq python3-venv && python3 -m venv --clear $(DOCS)/venv; }
	@$(DOCS)/venv/bin/pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes \
	-r docs/site/requirements.txt
	@touch $@

# Instrumented crates of our own are useless for anything else: they are removed afterwards.
coverage: coverage-tools ## run all tests, and fail if they cover less than 85 % of the product's lines
	@$(if $(LLVM),export $(LLVM) &&) eval "$$(cargo llvm-cov show-env --sh)" && \
	trap 'exit 1' INT TERM && trap 'cargo llvm-cov clean --workspace' EXIT && \
	cargo llvm-cov clean --workspace && \
	$(MAKE) --no-print-directory test && \
	cargo llvm-cov report --ignore-filename-regex /tests/ --fail-under-lines 85

prepare: stack ## update .sqlx after a change to a query or a migration
	@$(STACK) prepare

fmt: ## format the code
	cargo fmt --all

stack:
	@cargo build --workspace --bin keyward-stack

coverage-tools:
	@command -v cargo-llvm-cov >/dev/null || cargo install cargo-llvm-cov --locked
	@rustup component add llvm-tools 2>/dev/null || command -v llvm-cov-19 >/dev/null || \
	{ apt-get update -qq && apt-get install -y -qq llvm-19; }

# If rustup does not offer llvm-tools, use those of Debian.
LLVM = $(if $(wildcard $(shell rustc --print sysroot)/lib/rustlib/*/bin/llvm-cov),,$\
	LLVM_COV=$(shell command -v llvm-cov-19) LLVM_PROFDATA=$(shell command -v llvm-profdata-19))
