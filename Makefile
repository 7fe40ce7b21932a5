# The two commands: `make demo` and `make test`. Both build .venv on their own.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test docs clean

.venv/demo: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/test: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

demo: .venv/demo
	$(BIN)/python -m examples.build demo/mail --case demo/case --logs demo/logs
	$(BIN)/watchword logs add demo/logs --case demo/case
	$(BIN)/watchword investigate demo/mail --case demo/case

test: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m docs.build --check
	$(BIN)/pytest

docs: .venv/test
	$(BIN)/python -m docs.build

clean:
	rm -rf .venv demo
