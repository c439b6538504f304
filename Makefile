# Both `make up` and `make test` work from a bare checkout: what is missing they install or name.
# The features of a crate are chosen over the whole workspace (`--workspace`), whatever is built:
# so nothing is compiled twice.
TARGET = $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
STACK = $(TARGET)/debug/keyward-stack
PROFILE ?= dev
export PROFILE

.DEFAULT_GOAL := help
.PHONY: help up test attacks bench-avatars bench-board bench-events bench-login chaos monitoring check coverage prepare fmt stack coverage-tools

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 18

up: stack ## run Keyward and everything it needs, until Ctrl-C (PROFILE=release for speed)
	@$(STACK) up

test: stack ## run all tests, with servers of their own (ARGS are passed to cargo test)
	@$(STACK) test $(ARGS)

attacks: stack ## only the tests of what must hold under attack, and how many hold
	@$(STACK) test --test it --test journeys attacks:: 2>&1 | awk -f tests/attacks.awk

bench-avatars: ## what the renditions of an avatar cost: milliseconds, bytes, memory
	cargo bench --workspace --bench avatars

bench-login: stack ## what logging in costs, and what a flood of logins leaves of the rest
	@cargo build --release --workspace --bins
	@$(STACK) run -- cargo bench --quiet --workspace --bench login

bench-events: stack ## what the event pipeline carries, and how long an event takes
	@$(STACK) run -- cargo bench --quiet --workspace --bench events

bench-board: stack ## how long pages of the operations board and acts on many jobs take with a million
	@$(STACK) run -- cargo bench --quiet --workspace --bench board

monitoring: stack ## alerts and dashboard against a real Prometheus, under load and under faults
	@$(STACK) test --test monitoring -- --include-ignored --nocapture

chaos: stack ## every FAULT, ROUNDS times (default 3), and a table of what it took; SEED repeats one
	@ROUNDS=$${ROUNDS:-3} $(STACK) test --test chaos -- --include-ignored $(FAULT)

check: stack ## what must hold before a commit, the tests excepted
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items
	@command -v cargo-deny >/dev/null || cargo install cargo-deny --locked --debug
	cargo deny check -A unused-wrapper bans licenses sources
	@$(STACK) prepare --check

# Only our own crates are compiled anew for this, and once more after it: what counts its lines is no
# use for anything else.
coverage: coverage-tools ## run all tests, and fail if they reach less than 85 % of the product's lines
	@$(if $(LLVM),export $(LLVM) &&) eval "$$(cargo llvm-cov show-env --sh)" && \
	trap 'exit 1' INT TERM && trap 'cargo llvm-cov clean --workspace' EXIT && \
	cargo llvm-cov clean --workspace && \
	$(MAKE) --no-print-directory test && \
	cargo llvm-cov report --ignore-filename-regex /tests/ --fail-under-lines 85

prepare: stack ## describe our SQL in .sqlx, after a change to a query or a migration
	@$(STACK) prepare

fmt: ## format the code
	cargo fmt --all

stack:
	@cargo build --workspace --bin keyward-stack

coverage-tools:
	@command -v cargo-llvm-cov >/dev/null || cargo install cargo-llvm-cov --locked
	@rustup component add llvm-tools 2>/dev/null || command -v llvm-cov-19 >/dev/null || \
	{ apt-get update -qq && apt-get install -y -qq llvm-19; }

# Where rustup has no tools of its own to give, Debian's serve.
LLVM = $(if $(wildcard $(shell rustc --print sysroot)/lib/rustlib/*/bin/llvm-cov),,$\
	LLVM_COV=$(shell command -v llvm-cov-19) LLVM_PROFDATA=$(shell command -v llvm-profdata-19))
