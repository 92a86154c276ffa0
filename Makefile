# The same commands for people and for CI. `make` lists them. Needs Python 3.11 or newer, and nothing else.
.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Every package is checked against its hash, comes as a wheel (no code runs while installing), and is in the lock (--no-deps).
INSTALL := $(PIP) install --require-hashes --no-deps --only-binary=:all:
# Stamps: a target that finds them newer than their locks installs nothing.
BASE := $(VENV)/.base
RAG := $(VENV)/.rag
DEV := $(VENV)/.dev

# Further options for run, test and bench: make test ARGS="-k outbox -x"
ARGS ?=
# Processes that run tests: one more than there are processors, because many tests wait for a clock or another process.
JOBS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))

.PHONY: help
help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo '  PYTHON=... picks the Python, ARGS=... passes options to run, test and bench.'

.PHONY: run
run: $(BASE) ## Start the hub on http://127.0.0.1:8080 with config.yaml
	@$(BIN)/python scripts/build_admin.py --optional
	@exec $(BIN)/tocsin serve $(ARGS)

.PHONY: admin
admin: $(BASE) ## Build the admin UI into hub/admin
	@$(BIN)/python scripts/build_admin.py

.PHONY: wheel
wheel: admin ## Build a wheel of the hub, the admin UI included, into dist
	@rm -rf build
	@$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .

.PHONY: install
install: $(DEV) ## Install everything for development into .venv

.PHONY: rag
rag: $(RAG) ## Install what the RAG trainer needs on top of the hub, its models included

.PHONY: check
check: $(DEV) ## Lint, formatting, types and import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

.PHONY: format
format: $(DEV) ## Format the code and apply the linter's safe fixes
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: test
test: $(DEV) ## Run all tests
	@$(BIN)/python scripts/test_needs.py
	$(BIN)/python scripts/run_tests.py -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: screenshots
screenshots: $(DEV) admin ## Take pictures of every page of the admin UI, into build/screenshots
	$(BIN)/python -m scripts.screenshots

.PHONY: bench
bench: $(RAG) ## Measure fan-out beside other servers and draw docs/img/fanout.svg; without ARGS also the other benchmarks
	$(BIN)/python -m benchmarks --svg docs/img/fanout.svg $(ARGS)
	$(if $(ARGS),,$(BIN)/python -m benchmarks.resilience --svg docs/img/resilience.svg)
	$(if $(ARGS),,$(BIN)/python -m benchmarks.integrations --svg docs/img/pool.svg)
	$(if $(ARGS),,$(BIN)/python -m benchmarks.retrieval)
	$(if $(ARGS),,$(BIN)/python -m benchmarks.recognition)
	$(if $(ARGS),,$(BIN)/python -m benchmarks.agent_memory)
	$(if $(ARGS),,$(BIN)/python -m benchmarks.agents)

.PHONY: bench-resilience
bench-resilience: $(BASE) ## Measure what is lost when clients, workers and the broker go away, and draw docs/img/resilience.svg
	$(BIN)/python -m benchmarks.resilience --svg docs/img/resilience.svg $(ARGS)

.PHONY: bench-integrations
bench-integrations: $(BASE) ## Measure what integrations cost who uses them, and draw docs/img/pool.svg
	$(BIN)/python -m benchmarks.integrations --svg docs/img/pool.svg $(ARGS)

.PHONY: bench-retrieval
bench-retrieval: $(RAG) ## Measure how well the RAG trainer's answers are found, and how fast
	$(BIN)/python -m benchmarks.retrieval $(ARGS)

.PHONY: bench-agents
bench-agents: $(BASE) ## Measure what chat with agents costs: queries among a million messages, streams, calls, tokens
	$(BIN)/python -m benchmarks.agents $(ARGS)

.PHONY: bench-memory
bench-memory: $(RAG) ## Measure how well agents' memories are found, and how fast among many vectors
	$(BIN)/python -m benchmarks.agent_memory $(ARGS)

.PHONY: bench-admin
bench-admin: $(DEV) ## Measure the admin UI in Chromium: frames per second while messages come, and 10,000 connections
	$(BIN)/python -m benchmarks.admin_ui $(ARGS)

.PHONY: bench-recognition
bench-recognition: $(RAG) ## Measure how well the RAG trainer recognises types, outlines, works and values
	$(BIN)/python -m benchmarks.recognition $(ARGS)

.PHONY: docs
docs: $(BASE) ## Regenerate the generated parts of the documentation
	$(BIN)/python -m hub.docs

.PHONY: lock
lock: $(DEV) ## Write requirements/*.txt anew from requirements/*.in
	scripts/lock $(CURDIR)/$(BIN)/uv

.PHONY: upgrade
upgrade: $(DEV) ## As lock, with the newest version of everything
	scripts/lock $(CURDIR)/$(BIN)/uv --upgrade

.PHONY: clean
clean: ## Remove .venv, installed test needs and caches
	rm -rf $(VENV) tests/node/node_modules clients/js/node_modules clients/js/dist clients/js/build admin_ui/node_modules hub/admin dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov build *.egg-info

$(BIN)/python:
	@scripts/make-venv $(VENV)

# The project itself is installed editable, with the locked setuptools.
$(BASE): requirements/base.txt requirements/base.in pyproject.toml | $(BIN)/python
	@echo 'Installing what the hub needs'
	@$(INSTALL) -r requirements/base.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(RAG): requirements/rag.txt $(BASE)
	@echo 'Installing what the RAG trainer needs'
	@$(INSTALL) -r requirements/rag.txt
	@touch $@

$(DEV): requirements/dev.txt requirements/model.txt clients/python/pyproject.toml $(BASE)
	@echo 'Installing what the checks and tests need'
	@$(INSTALL) -r requirements/dev.txt -r requirements/model.txt
	@$(PIP) install --no-deps --no-build-isolation --editable clients/python
	@touch $@
