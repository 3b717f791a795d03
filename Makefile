# The two commands that matter: `make run` and `make test`. `make help` lists the others.
SHELL := /bin/sh
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
PYTEST := $(BIN)/python -m pytest
OURS := config crm contactcenter channels_adapters
# `make run PORT=8001 DATA_DIR=/srv/sportello` works like the same words in the environment.

.DEFAULT_GOAL := help
.PHONY: help run setup dev test test-services test-browser bench screenshots translate lock fix \
	check lint format types scripts migrations translations security architecture

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## start Sportello here, set up and with a demo town the first time (PORT, DATA_DIR)
	@exec $(MANAGE) serve --set-up

setup:
	@deploy/set_up.sh

dev:
	@deploy/set_up.sh dev
	@$(MANAGE) translations --compile > /dev/null

test: dev ## the whole suite, everything in one process: no server, no root
	@env -u DATABASE_URL -u REDIS_URL $(PYTEST) -n 2 $(ARGS)

test-services: dev ## the same suite on PostgreSQL and Redis
	@$(BIN)/python -m tests.services -n 2 $(ARGS)

test-browser: dev ## a real Chromium against the served product
	@$(BIN)/python -m tests.chromium $(ARGS)

check: dev lint format types scripts migrations translations security architecture ## everything a reviewer should not have to look for
	@echo "make check: all passed"

lint:
	@$(BIN)/ruff check .

format:
	@$(BIN)/ruff format --check --output-format concise . || { echo "Run 'make fix'."; exit 1; }

types:
	@$(BIN)/mypy

scripts:
	@PATH="$$PATH:$(CURDIR)/$(BIN)" node node_modules/typescript/bin/tsc --project tsconfig.json

migrations:
	@$(MANAGE) makemigrations --check --dry-run

translations:
	@$(MANAGE) translations --check

security:
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(OURS)

architecture:
	@$(PYTEST) -q tests/test_architecture.py tests/test_house_rules.py

fix: ## format, and repair what can be repaired by machine
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: dev ## the benchmarks, each against a ceiling measured in the same run
	@$(BIN)/python -m tests.bench $(ARGS)

screenshots: dev ## pictures of the desk for the documentation
	@$(BIN)/python -m tests.screenshots $(ARGS)

translate: setup ## gather new strings into the catalogues, say what is missing, compile
	@$(MANAGE) translations --merge --compile

lock: ## pin the newest allowed versions, with hashes, for the oldest Python we support
	@for file in requirements requirements-dev requirements-node; do \
	  $(BIN)/pip-compile --quiet --upgrade --strip-extras --generate-hashes --allow-unsafe --no-header \
	    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file $$file.txt $$file.in || exit 1; done
	@npm install --package-lock-only --ignore-scripts --no-audit --no-fund
