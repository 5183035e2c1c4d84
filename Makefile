# Straitwatch: what a person does, one command each. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
SETUP := .venv/.ready
BENCH := .venv-bench/bin
BENCH_SETUP := .venv-bench/.ready
SUITE_WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format schema soak lock clean bench-setup bench-clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(SETUP)  ## make .venv with every pinned version

# uv installs in a quarter of pip's time; its own hash-checked wheel comes through pip.
$(SETUP): pyproject.toml .ci/pins.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Straitwatch needs Python 3.11 or newer: make PYTHON=python3.12 ..."; exit 1; }
	@echo "Setting up .venv (about a minute on a first run) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement .ci/uv.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes --requirement .ci/pins.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $(SETUP)

bench-setup: $(BENCH_SETUP)  ## make .venv-bench with the extractors that ours is compared with

$(BENCH_SETUP): $(SETUP) bench/peers.txt
	@echo "Setting up .venv-bench ..."
	@test -x $(BENCH)/python || $(PYTHON) -m venv .venv-bench
	@$(BIN)/uv pip install --quiet --python $(BENCH)/python --compile-bytecode --require-hashes --requirement bench/peers.txt
	@$(BIN)/uv pip install --quiet --python $(BENCH)/python --no-deps --editable .
	@touch $(BENCH_SETUP)

bench-clean: $(SETUP)  ## measure the cleaner on ../shared/corpora, beside the peers that are installed
	@bench/clean

demo: $(SETUP)  ## run the whole job once against the demo newsroom
	@$(BIN)/straitwatch demo

test: $(SETUP)  ## run every test
	@$(BIN)/pytest -n $(SUITE_WORKERS) --dist worksteal

check: $(SETUP)  ## lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(SETUP)  ## let ruff format and mend what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schema: $(SETUP)  ## write docs/schema.md anew from the tables' and views' comments
	@$(BIN)/python -m monitor.store.describe docs/schema.md

FUZZ_MINUTES ?= 30

soak: $(SETUP)  ## the long campaigns, by hand or nightly
	@$(BIN)/pytest -m soak --timeout 3600 || test $$? -eq 5
	@$(BIN)/python bench/fuzz_clean.py --minutes $(FUZZ_MINUTES)

# The peers get our versions of what both use, so that figures compare; one of theirs forbids our cssselect.
lock: $(SETUP)  ## resolve the versions anew into .ci/pins.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --upgrade --extra dev pyproject.toml --output-file .ci/pins.txt
	sed -n '/^cssselect=/d; s/ \\$$//; /^[a-z].*==/p' .ci/pins.txt | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --constraint - bench/peers.in pyproject.toml --output-file bench/peers.txt

clean:  ## remove .venv and the demo's data
	rm -rf .venv .venv-bench demo-data .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
