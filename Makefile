# Everything runs from .venv, which is made, and made up to date, when a target needs it.
#
#   make demo          the application on the sandbox: no AWS account, no network needed
#   make check         what has to be clean: style, types, import rules
#   make test          all tests
#   make test-fast     the tests that need neither an application nor the sandbox
#   make coverage      all tests, and how much of the code they run
#   make bench         the benchmarks
#   make screenshots   the pictures of the README
#
# Another Python: make demo PYTHON=python3.12

PYTHON  ?= $(shell command -v python3.11 || command -v python3)
VENV    ?= .venv
WORKERS ?= auto
BIN     := $(VENV)/bin

# The stamps lie in the environment, so that it may be deleted at any time.
DEMO := $(VENV)/.ready-for-demo
DEV  := $(VENV)/.ready-for-development

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Every thread of a pool would keep freed memory for itself: 100 MB in a worker of the tests.
test test-fast coverage: export MALLOC_ARENA_MAX := 2
# Without compiled files every worker, and every process that a test starts, compiles all anew.
test test-fast coverage: export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test test-fast coverage check bench screenshots clean
.DEFAULT_GOAL := demo

demo: $(DEMO)
	@$(BIN)/tristore --sandbox

test: $(DEV)
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

test-fast: $(DEV)
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m 'not application and not sandbox'

coverage: $(DEV)
	$(BIN)/pytest -n $(WORKERS) --dist worksteal --cov=tui --cov-report=term:skip-covered

check: $(DEV)
	$(BIN)/ruff check tui tests
	$(BIN)/ruff format --check tui tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.contracts

bench: $(DEV)
	$(BIN)/python -m tests.benchmarks

screenshots: $(DEV)
	$(BIN)/python -m tests.screenshots

clean:
	rm -rf $(VENV)

$(BIN)/pip:
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Tristore needs Python 3.11 or newer. Say which: make $(MAKECMDGOALS) PYTHON=…'; exit 1; }
	@echo 'Installing into $(VENV); once, and it takes a minute or two.'
	@'$(PYTHON)' -m venv $(VENV)

$(DEMO): pyproject.toml | $(BIN)/pip
	@$(BIN)/python -m pip install --quiet --editable '.[sandbox,formats,images]'
	@touch $@

$(DEV): pyproject.toml | $(BIN)/pip
	@$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $(DEMO) $@
