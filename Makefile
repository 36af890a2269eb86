# make demo    set up, then judge the two example backends
# make test    set up, then run the tests           (ARGS="-k name" is handed to pytest)
# make check   linters, types, layers, generated docs
# make test-all   the tests on every Python from 3.11 to 3.14 that is at hand

VENV ?= .venv
PYTHON ?= $(shell .ci/find-python)
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO := $(VENV)-demo
DEMO_READY := $(DEMO)/.ready

.PHONY: demo test check test-all format clean

demo: $(READY) $(DEMO_READY)
	@PATH="$(abspath $(BIN)):$$PATH" DEMO_PYTHON="$(abspath $(DEMO))/bin/python" examples/demo.sh

test: $(READY)
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m backend_gate.rules.docs --check

test-all:
	.ci/test-all

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv .venv-* build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# Set up again only when what is installed can have changed.
$(READY): pyproject.toml src/backend_gate/__init__.py
	@test -n "$(PYTHON)" || { echo "backend-gate needs Python 3.11 or newer; none was found. Name one: make $(MAKECMDGOALS) PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON) (a minute or so, once)"
	@"$(PYTHON)" -m venv --clear "$(VENV)" || { echo "$(PYTHON) cannot make environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@$(BIN)/python -m compileall -q src
	@touch $@

# What the example backends and their tests need, in an environment of its own: their tests are run with it.
$(DEMO_READY): examples/sound/pyproject.toml $(READY)
	@echo "Setting up $(DEMO) for the tests of the examples (a minute or so, once)"
	@"$(BIN)/python" -m venv --clear "$(DEMO)"
	@$(BIN)/python -c 'import tomllib; p = tomllib.load(open("examples/sound/pyproject.toml", "rb"))["project"]; print("\n".join(p["dependencies"] + p["optional-dependencies"]["test"]))' > "$(DEMO)/requirements.txt"
	@$(DEMO)/bin/python -m pip install --quiet --disable-pip-version-check --requirement "$(DEMO)/requirements.txt"
	@touch $@
