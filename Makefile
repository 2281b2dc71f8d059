# Two commands matter, `make run` and `make test`; `make help` lists the others.
# Needs git, make and Python 3.11 or newer with venv; everything else is fetched into .venv.

UV_VERSION := 0.13.9
# The system's Python, if it is new enough: distributions build theirs with profile-guided
# optimization, pyenv does not. SQLAlchemy and graphql-core take a seventh less CPU with it.
PYTHON ?= $(shell /usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	2> /dev/null && echo /usr/bin/python3 || echo python3)
BIN := .venv/bin
IMAGE := quality-governance-platform:latest
SANDBOX := docker-compose.sandbox.yml
COMPOSE := $(shell command -v docker-compose || echo docker compose)
EMBEDDED := $(BIN)/python -m qgp.embedded

# Libraries that a start imports last, after SQLAlchemy.
IMPORTED_LATE := strawberry, jwt, pydantic_settings, structlog, prometheus_client, \
	starlette.applications, asyncpg, aiosmtplib, pgqueuer, uvicorn, alembic.command

SYNCED := .venv/.synced
SERVABLE := .venv/.servable
IDE := qgp/http/ide/dist/package-lock.json

export PYTHONDONTWRITEBYTECODE :=  # what is compiled once is not compiled by each process
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := .venv
export npm_config_progress := false
# Last: uv where the machine has none, and npm from the wheel likewise.
export PATH := $(PATH):$(CURDIR)/.tools/bin:$(CURDIR)/$(BIN)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test test-exhaustive lint format typecheck drift snapshot check migrate revision schema indexes seed ide \
	conformance fuzz lives rolling reliability bench sandbox sandbox-down image psql db-reset clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(SYNCED) ## Install everything into .venv; quick when nothing changed

# uv where the machine has none: by its pip, which takes a second, else by a pip of our own.
define FETCH_UV
command -v uv > /dev/null || \
	python3 -m pip install --quiet --target .tools uv==$(UV_VERSION) 2> /dev/null || \
	{ python3 -m venv --clear .tools && .tools/bin/pip install --quiet uv==$(UV_VERSION); }
endef

# All libraries compiled, whatever the environment says of bytecode: no later start does it again.
$(SYNCED): pyproject.toml uv.lock
	@echo 'Installing the libraries (about 10 seconds) …'
	@$(FETCH_UV)
	@UV_COMPILE_BYTECODE=1 uv sync --locked --inexact --quiet --python $(PYTHON)
	@touch $(SERVABLE) $@

# What serving needs and no more. Our own modules are compiled meanwhile, by another processor.
# What a start imports of the libraries is compiled by that start, and what it imports last by a
# process beside it.
$(SERVABLE): pyproject.toml uv.lock
	@echo 'Installing what serving needs (a few seconds) …'
	@$(PYTHON) -m compileall -q qgp & $(FETCH_UV); \
		UV_COMPILE_BYTECODE=0 uv sync --locked --inexact --quiet --python $(PYTHON) \
			--no-default-groups --group embedded && wait
	@touch $@
	@$(BIN)/python -c 'import $(IMPORTED_LATE)' < /dev/null > /dev/null 2>&1 &

run: $(SERVABLE) ## Start everything on http://127.0.0.1:8000 (HOST, PORT, DATABASE_URL, QGP_DATA_DIR)
	@exec $(BIN)/qgp dev --build-ide

test: setup ## Run the whole suite; ARGS are pytest's
	@$(BIN)/pytest -n 3 --dist loadfile $(ARGS)

test-exhaustive: setup ## Run what the suite leaves out: full matrices, 200 lives, the large fuzz (before a release)
	@$(BIN)/pytest -n 2 --dist loadfile -m 'exhaustive or lives' --lives 200 $(ARGS)
	@$(MAKE) --no-print-directory fuzz

lint: setup ## Look for what ruff, the wording check and the import contracts forbid
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/ruff check --quiet
	@$(BIN)/python -m tests.plain_words
	@$(BIN)/lint-imports --no-logo

format: setup ## Format the code, and mend what ruff can mend
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet

typecheck: setup ## Check the types, strictly
	@$(BIN)/mypy

drift: setup ## Check that the migrations make what the models say
	@$(EMBEDDED) --temporary sh -c '$(BIN)/alembic upgrade head && $(BIN)/alembic check'

snapshot: setup ## Check that schema/schema.graphql is what the code makes
	@$(BIN)/qgp schema export --check

check: lint typecheck drift snapshot ## Check everything that needs no test: style, imports, types, migrations, schema

migrate: setup ## Bring the database to the newest migration
	@$(BIN)/qgp migrate

revision: setup ## Write a migration from the models' changes: make revision m="add a column"
	@test -n "$(m)" || { echo 'Say what it does: make revision m="add a column"'; exit 2; }
	@$(EMBEDDED) --temporary sh -c '$(BIN)/alembic upgrade head && $(BIN)/alembic revision --autogenerate -m "$$0"' "$(m)"

schema: setup ## Write schema/schema.graphql from the code
	@$(BIN)/qgp schema export

indexes: setup ## Write the table of docs/indexes.md from the models
	@$(BIN)/python -m tests.kit.index_table

seed: setup ## Fill the demo into the database, once
	@$(BIN)/qgp seed demo

ide: setup $(IDE) ## Build the files of the GraphQL IDE, once

# npm from PATH, else from a wheel.
$(IDE): qgp/http/ide/package.json qgp/http/ide/package-lock.json | $(SYNCED)
	@$(BIN)/python -m qgp.http.ide.build
	@touch $@

conformance: setup ## Let third-party suites judge the running server (needs node, or fetches it)
	@command -v npm > /dev/null || uv sync --locked --inexact --quiet --python $(PYTHON) --group node
	@cd tests/conformance && npm ci --silent --no-audit --no-fund
	@$(BIN)/python -m tests.conformance.judge

fuzz: setup ## Compare planned reads with the resolvers on N random operations (N=2000, SEED=1)
	@$(BIN)/python -m tests.engine.agreement --operations $(or $(N),2000) --seed $(or $(SEED),1)

lives: setup ## Let each workflow go through N random lives of 50 commands (N=200)
	@$(BIN)/pytest -n 2 -m lives --lives $(or $(N),200) $(ARGS)

rolling: setup ## Run the previous release beside this one, and its tests on this schema (ARGS are pytest's)
	@$(BIN)/pytest -q tests/rolling
	@$(BIN)/python -m tests.rolling $(ARGS)

reliability: setup ## Kill the database under mixed load: ARGS="--minutes 60 --losses 5 --rate 30"
	@$(BIN)/python -m tests.reliability $(ARGS)

bench: setup ## Measure against the peers; ARGS are the benchmark's, see python -m bench --help (needs wrk)
	@command -v wrk > /dev/null || { echo 'The benchmark needs wrk (Debian package wrk).'; exit 2; }
	@UV_PROJECT_ENVIRONMENT=bench/peers/.venv uv sync --locked --no-default-groups --group bench \
		--no-install-project --quiet --python $(PYTHON)
	@cd bench/peers && PATH=$$PWD/.venv/bin:$$PATH npm ci --silent --no-audit --no-fund
	@$(BIN)/python -m bench $(ARGS)

sandbox: ## Build and start the containers of the sandbox on http://localhost:8000
	$(COMPOSE) -f $(SANDBOX) up -d --build

sandbox-down: ## Stop the sandbox; its data stay in the volume
	$(COMPOSE) -f $(SANDBOX) down

image: ## Build the production image
	DOCKER_BUILDKIT=1 docker build -t $(IMAGE) .

psql: setup ## Open psql on the embedded database; ARGS are psql's
	@$(EMBEDDED) psql $(ARGS)

db-reset: setup ## Remove the embedded database for good; the next start begins anew
	@$(EMBEDDED) --reset

clean: ## Remove what the tools made, except the embedded data
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist qgp/http/ide/dist
	rm -rf bench/peers/.venv bench/peers/node_modules bench/results.json
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
