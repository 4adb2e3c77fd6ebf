# `make up` creates the local fleet; `make test` runs every test. Both install what they need and can be run again.
.DEFAULT_GOAL := help
SHELL := /bin/bash
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

MODULES := node_modules/.skerry-installed

.PHONY: help up down status test test-fast verify generate lint lint-workflows format doctor tools images

help: ## show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# Runs npm ci only when the lock file changed. The stamp is written last, so an interrupted install runs again.
$(MODULES): package-lock.json
	@echo "  installing npm packages"
	@npm ci --no-progress --loglevel=error
	@touch $@

up: $(MODULES) ## create or update the local fleet on the embedded lab
	@scripts/ensure-mosquitto >/dev/null || echo "  without it, the lab simulates brokers, edge agents and ingests"
	@bin/skerry up

down: $(MODULES) ## delete everything that `make up` created
	@bin/skerry down

status: $(MODULES) ## show the state of the fleet, the lab and the tools
	@bin/skerry status

test: $(MODULES) ## run all tests
	@npx tsx test/run.ts

test-fast: $(MODULES) ## run the tests that need neither the lab nor minutes
	@npx tsx test/run.ts --fast

verify: $(MODULES) ## check that generated files are up to date
	@npx tsx scripts/kinds.ts --check
	@npx tsx scripts/plugin-args.ts --check
	@npx tsx fleet/generate.ts --check
	@npx tsx scripts/api-reference.ts --check
	@npx tsx policies/schema/generate.ts --check
	@npx tsx policies/controls/generate.ts --check
	@npx tsx preview/generate.ts --check
	@npx tsx charts/observability/generate.ts --check
	@npx tsx scripts/aws-tables.ts --check
	@npx tsx scripts/user-data-fixtures.ts --check

generate: $(MODULES) ## regenerate generated files
	@npx tsx scripts/kinds.ts
	@npx tsx scripts/plugin-args.ts
	@npx tsx fleet/generate.ts
	@npx tsx scripts/api-reference.ts
	@npx tsx policies/schema/generate.ts
	@npx tsx policies/controls/generate.ts
	@npx tsx preview/generate.ts
	@npx tsx charts/observability/generate.ts
	@npx tsx scripts/aws-tables.ts
	@npx tsx scripts/user-data-fixtures.ts

# Without ShellCheck and Pyflakes, so that the result does not depend on what is installed.
lint-workflows: ## check the GitHub Actions workflows
	@go -C toolchain/actionlint tool actionlint -shellcheck= -pyflakes= \
		$(foreach folder,.github templates/repository/.github,$(wildcard $(CURDIR)/$(folder)/workflows/*.y*ml))

lint: $(MODULES) lint-workflows ## run the linters and the type checker
	@eslint . && tsc --noEmit -p . && tsc --noEmit -p preview/output/html/browser

format: $(MODULES) ## format all files
	@prettier --write --log-level warn . && gofmt -w runtime toolchain bench

doctor: $(MODULES) ## list each tool with its version and origin
	@bin/skerry doctor

tools: $(MODULES) ## find or build all tools
	@bin/skerry tools

images: $(MODULES) ## build the OCI images of all programs; `make images ARGS=--push` pushes them
	@bin/skerry images $(ARGS)
