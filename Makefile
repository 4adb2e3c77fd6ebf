# `make up` brings the local fleet up; `make test` runs every test. Both set up what they need and may be repeated.
.DEFAULT_GOAL := help
SHELL := /bin/bash
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

MODULES := node_modules/.skerry-installed

.PHONY: help up down status test test-fast verify generate lint format doctor tools

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# npm ci only when the lock file changed; the stamp is written last, so that a cut install is done again.
$(MODULES): package-lock.json
	@echo "  node packages: installing"
	@npm ci --no-progress --loglevel=error
	@touch $@

up: $(MODULES) ## bring the local fleet up on the embedded lab, by pulumi up
	@bin/skerry up

down: $(MODULES) ## remove everything that `make up` started, and only that
	@bin/skerry down

status: $(MODULES) ## where everything is
	@bin/skerry status

test: $(MODULES) ## set everything up and run every test
	@npx tsx test/run.ts

test-fast: $(MODULES) ## the tests that need no lab
	@npx tsx test/run.ts --fast

verify: $(MODULES) ## regenerate what is generated and fail on a difference
	@npx tsx scripts/kinds.ts --check
	@npx tsx fleet/generate.ts --check
	@npx tsx scripts/api-reference.ts --check
	@npx tsx policies/schema/generate.ts --check
	@npx tsx policies/controls/generate.ts --check
	@npx tsx preview/generate.ts --check

generate: $(MODULES) ## regenerate what is generated
	@npx tsx scripts/kinds.ts
	@npx tsx fleet/generate.ts
	@npx tsx scripts/api-reference.ts
	@npx tsx policies/schema/generate.ts
	@npx tsx policies/controls/generate.ts
	@npx tsx preview/generate.ts

lint: $(MODULES) ## lint and check types
	@eslint . && tsc --noEmit -p . && tsc --noEmit -p preview/output/html/browser

format: $(MODULES) ## format everything
	@prettier --write --log-level warn . && gofmt -w runtime toolchain

doctor: $(MODULES) ## each tool, its version and where it comes from
	@bin/skerry doctor

tools: $(MODULES) ## find or build every tool
	@bin/skerry tools
