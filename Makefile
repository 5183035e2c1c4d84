# Straitwatch: what a person does, one command each. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
SETUP := .venv/.ready
SUITE_WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format soak lock clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

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

soak: $(SETUP)  ## the long campaigns, by hand or nightly
	@$(BIN)/pytest -m soak --timeout 3600 || test $$? -eq 5

lock: $(SETUP)  ## resolve the versions anew into .ci/pins.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --upgrade --extra dev pyproject.toml --output-file .ci/pins.txt

clean:  ## remove .venv and the demo's data
	rm -rf .venv demo-data .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
