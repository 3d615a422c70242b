# Every target makes what it needs, from nothing but Python:
#   make demo    runs a real flow        make lint    ruff and mypy, as CI does
#   make test    runs every test         make bench   prints the figures of the README
# make test PYTHON=python3.13 VENV=.venv-3.13     tests on another Python
# make bench REFERENCE=/path/to/bin/python        compares with the prefect==1.4.1 installed there

PYTHON ?= python3
VENV ?= .venv
REFERENCE ?=
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Folders too, so that a deleted file counts as a change.
SOURCES := pyproject.toml README.md LICENSE $(shell find core cli storage -not -name __pycache__ -not -name '*.pyc')

.DEFAULT_GOAL := test
.PHONY: demo test lint format bench clean

demo: $(VENV)/.installed
	$(BIN)/prefect run --no-logs -p examples/stdlib_census.py

test: $(VENV)/.installed-dev
	$(BIN)/pytest -n 2

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy tests/typing/api.py

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/run.py $(if $(REFERENCE),--reference $(REFERENCE))

clean:
	rm -rf build praefectus.egg-info census .venv .venv-*

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
		{ echo "$(PYTHON) is missing or older than 3.10. Name another: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@# The pip that comes with older Pythons writes a launcher that imports re: 5 ms for each command.
	@$(PIP) --upgrade pip

# setuptools reuses build/, so a module deleted from the sources would live on in the wheel.
$(VENV)/.installed: $(SOURCES) | $(BIN)/python
	@rm -rf build
	$(PIP) .
	@rm -rf build praefectus.egg-info
	@touch $@

$(VENV)/.installed-dev: $(SOURCES) | $(BIN)/python
	@rm -rf build
	$(PIP) ".[dev]"
	@rm -rf build praefectus.egg-info
	@touch $@ $(VENV)/.installed
