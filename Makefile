# Every command of the project has its one place here; .ci/run and the documents only call these.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PY := .venv/bin/python
CLOUD := .local/cloud-venv
WORKERS ?= 2
STAGE ?= local
# A lock is whole, so nothing is resolved: a release made after it can neither come in nor break it.
PIP := -m pip install -qq --disable-pip-version-check --no-input --no-deps --require-hashes
CODE := $(wildcard app.py) chalicelib infra tests
# CI says the same of the same tree every time, and what no test reaches. Runs at a desk take another order, which finds
# what hangs on it, and do not count lines, which takes a third more time.
PYTEST := $(PY) -m pytest -n $(WORKERS) --dist loadscope $(if $(CI),--randomly-seed=1 --cov --cov-report=term:skip-covered)

.PHONY: help
help: ## list every target
	@awk 'BEGIN {FS = ":[^#]*## "} /^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- set-up ----------------------------------------------------------------------------------

.PHONY: install
install: .venv/.installed $(CLOUD)/.installed ## make .venv and the local cloud's venv from the hashed locks
	@:

.venv/.installed: requirements-dev.txt
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@$(PY) $(PIP) -r requirements-dev.txt
	@touch $@

$(CLOUD)/.installed: requirements-cloud.txt
	@mkdir -p .local
	@test -x $(CLOUD)/bin/python || $(PYTHON) -m venv $(CLOUD)
	@$(CLOUD)/bin/python $(PIP) -r requirements-cloud.txt
	@touch $@

.PHONY: lock
lock: install ## resolve requirements*.in into hashed locks
	@$(PY) -m infra.locks --write

# ---- the product on this machine ---------------------------------------------------------------

.PHONY: run
run: install ## build, deploy into the local cloud and serve; Ctrl-C stops it
	@exec $(PY) -m infra.local.run

.PHONY: reset
reset: install ## clear what the local product has stored
	@$(PY) -m infra.local.reset

.PHONY: demo
demo: install ## play one person's life over HTTP and name the promises it proves
	@$(PY) -m infra.demo

.PHONY: package
package: install ## build the deployment package into build/ (STAGE=local, test or prod)
	@$(PY) -m infra.package --stage $(STAGE)

# ---- tests -------------------------------------------------------------------------------------

.PHONY: test
test: install ## set up and run the whole suite, local cloud included
	@$(PYTEST)
	@$(PY) -m infra.permissions

.PHONY: soak
soak: install ## the long ones: volumes, exhaustive faults, mutation of promises
	@$(PY) -m pytest -m soak --timeout 3600
	@$(MAKE) promises-mutate

.PHONY: bench
bench: install ## measure the budgets as ratios, side by side
	@$(PY) -m infra.bench

.PHONY: promises
promises: install ## print which promises are kept, failing or open
	@$(PY) -m infra.promises

.PHONY: promises-mutate
promises-mutate: install ## switch off each cited piece of code and expect a red test
	@$(PY) -m infra.promises_mutate

# ---- gates -------------------------------------------------------------------------------------

.PHONY: check
check: install lint types imports dead drift template ## every gate that needs no test run
	@echo "check: all gates passed"

.PHONY: fmt
fmt: install ## format and mend what can be mended
	@$(PY) -m ruff format $(CODE)
	@$(PY) -m ruff check --fix $(CODE)

.PHONY: lint
lint: install ## ruff, format and the house rules
	@$(PY) -m ruff check $(CODE)
	@$(PY) -m ruff format --check $(CODE)
	@$(PY) -m infra.house

.PHONY: types
types: install ## mypy, strict
	@$(PY) -m mypy

.PHONY: imports
imports: install ## the walls of the house
	@.venv/bin/lint-imports --no-logo

.PHONY: dead
dead: install ## unused code, unused and missing dependencies
	@$(PY) -m infra.dead
	@$(PY) -m deptry chalicelib --no-ansi
	@$(PY) -m deptry infra tests --no-ansi --ignore DEP002 \
	  --requirements-files requirements.in,requirements-media.in,requirements-dev.in

.PHONY: register
register: install ## compile the processing register and its documents
	@$(PY) -m infra.register

.PHONY: openapi
openapi: install ## write docs/openapi.json from the contracts
	@$(PY) -m infra.openapi

.PHONY: drift
drift: install ## everything generated is what its sources say
	@$(PY) -m infra.locks --check
	@$(PY) -m infra.register --check
	@$(PY) -m infra.openapi --check
	@$(PY) -m infra.promises --check

.PHONY: template
template: package ## cfn-lint over the packaged template, in a world region and in China
	@.venv/bin/cfn-lint --regions ap-southeast-1 cn-north-1 -- build/$(STAGE)/template.json
