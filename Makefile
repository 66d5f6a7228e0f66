# Permit Bridge. Needs Python 3.11 or newer and nothing else; `make help` lists what there is.
# PYTHON=… chooses the interpreter that the virtual environment is made with.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)

.DEFAULT_GOAL := help
.PHONY: help venv demo test check lint types arrows docs-check docs pins long bench lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

venv: $(READY) ## Make .venv and install the locked packages

$(READY): requirements.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
		echo "没有找到 Python 3.11 或更新的版本，请先安装 (Python 3.11 or newer is needed)" >&2; exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) 版本过低，需要 Python 3.11 或更新 (too old: Python 3.11 or newer is needed)" >&2; exit 1; }
	@echo "准备虚拟环境 (preparing $(VENV) with $(PYTHON))" >&2
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || { \
		echo "无法创建虚拟环境；Debian 上请先安装 python3-venv (on Debian, install python3-venv)" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: venv ## Show the main job: one entry, two systems, faults, recovery
	@$(BIN)/bridge demo --once

test: venv ## Run the tests (all but the long ones)
	@$(BIN)/python -m pytest -q -n auto -m "not long"

check: lint types arrows docs-check ## Everything that CI does
	@$(MAKE) --no-print-directory test

lint: venv ## Lint, and check the format
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .

types: venv ## Check the types, strictly
	@$(BIN)/mypy --no-error-summary

arrows: venv ## Check which room imports which
	@$(BIN)/lint-imports --no-logo

docs-check: venv ## Check that the made pages say what the code says
	@$(BIN)/bridge docs --check docs

pins: venv ## Pin the digests of unpublished schemas and mappings anew
	@$(BIN)/python tests/laws/test_published.py

docs: venv ## Write the reference pages and the targets' pages
	@$(BIN)/bridge docs --write docs

long: venv ## Run the long laws and fault runs too (minutes)
	@$(BIN)/python -m pytest -q -m long

bench: venv ## Measure speed, latency and memory (about 10 minutes)
	@$(BIN)/python -m benchmarks

lock: ## Make requirements.lock anew (needs uv)
	@command -v uv >/dev/null || { echo "需要 uv (install uv first)" >&2; exit 1; }
	@uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --quiet -o requirements.lock

clean: ## Remove what was made
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist
