# `make` alone explains itself.
.DEFAULT_GOAL := help
.PHONY: help start test lint bench clean install setup

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

start: ## Run the shop on http://127.0.0.1:8000
	cargo run --release

test: setup ## Prove everything: format, lints, docs, tests, and the tests of the release binary
	scripts/test

lint: ## Check format and lints
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

bench: setup ## Measure throughput and latency; docs/benchmarks.md says how
	bench/run

clean: ## Delete what was built; data stays
	cargo clean

install: ## Install the binary `ordo` for this user
	cargo install --locked --path crates/ordo

setup: ## Install what building and testing need, where it is absent
	@scripts/setup
