# trackreel: make demo | test | check | venv | clean
.DEFAULT_GOAL := help
.PHONY: help venv demo test check clean
SHELL := /bin/sh

# The first interpreter that is new enough, not too new, and able to make an environment.
FIND := for p in python3.13 python3.12 python3.11 python3; do \
	"$$p" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && \
	{ echo "$$p"; exit; }; done; echo python3
PYTHON ?= $(shell $(FIND))

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-build-isolation -c constraints.txt
# Taichi asks a server for its newest version when imported, unless told not to.
export TI_SKIP_VERSION_CHECK := ON

help:
	@echo "make demo   set up .venv and render jobs/demo.yaml to out/demo/demo.mp4"
	@echo "make test   set up .venv and run the tests"
	@echo "make check  linters, types, layers, every job file, every golden"
	@echo "make venv   the set-up alone"
	@echo "make clean  remove .venv, out and caches"

venv: .venv/.stamp-dev

# Two stamps: a demo needs no linters. Both are stale when a pin changes.
.venv/.stamp-run: pyproject.toml constraints.txt
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { \
		echo "error: no Python found ($(PYTHON))" >&2; \
		echo "hint: install Python 3.11, 3.12 or 3.13, or say where it is: make venv PYTHON=/path/to/python3" >&2; exit 3; }
	@"$(PYTHON)" ci/preflight.py
	@"$(PYTHON)" -m venv --clear .venv || { \
		echo "error: $(PYTHON) cannot make a virtual environment" >&2; \
		echo "hint: on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 3; }
	@echo "installing trackreel and its dependencies into .venv ..."
	@$(PIP) setuptools
	@$(PIP) -e .
	@touch $@

.venv/.stamp-dev: .venv/.stamp-run
	@$(PIP) -e '.[dev]'
	@touch $@

demo: .venv/.stamp-run
	@$(BIN)/trackreel run jobs/demo.yaml
	@echo out/demo/demo.mp4

test: .venv/.stamp-dev
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup --no-loadscope-reorder

# All of them run, so that one pass shows everything there is to mend.
check: .venv/.stamp-dev
	@status=0; \
	$(BIN)/ruff check . || status=1; \
	$(BIN)/ruff format --check . || status=1; \
	$(BIN)/mypy || status=1; \
	$(BIN)/lint-imports || status=1; \
	$(BIN)/trackreel validate jobs/*.yaml || status=1; \
	$(BIN)/trackreel verify -q -j 2 jobs/goldens.yaml jobs/goldens-encoded.yaml || status=1; \
	exit $$status

clean:
	rm -rf .venv out build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
