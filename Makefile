# The daily commands. `make demo` and `make test` are all that a newcomer needs.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: setup demo test lint bench standins clean

setup: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Cewen needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: setup
	$(BIN)/cewen demo

test: setup standins
	$(BIN)/pytest

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Speed and memory over 600 notices, beside plain jieba + rank_bm25.
bench: setup
	$(BIN)/pytest -m bench -s tests/bench

# The weights that answers are chosen by, from the question sets of the tests.
weights: setup
	$(BIN)/python -m bot.evaluation.fitting $(SETS)

# Third-party programs that play the platforms' side; without Node the tests that need them skip by name.
standins:
	@if command -v npm >/dev/null; then npm ci --prefix tests/standins --silent --no-audit --no-fund; fi

clean:
	rm -rf .venv demo-data tests/standins/node_modules .mypy_cache .ruff_cache .pytest_cache
