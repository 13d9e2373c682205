# What a person does with Depot. `make` alone lists it; `make run` and `make test` need nothing
# but Debian, git and make.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

SERVICE ?= inventory
STEPS ?= 1
FILE ?= deploy/pxcodes.csv
DIR ?= .depot/certs
SECONDS ?= 60

# What a person gives reaches the scripts through the environment, as it was typed: there it is text,
# whatever is in it.
given := API_KEYS CONFIRM DIR EMAIL FILE N NAME PASSWORD_FILE SERVICE STEPS TESTS
$(foreach name,$(given),$(if $(filter-out undefined,$(origin $(name))),\
    $(eval override $(name) := $$(value $(name)))))
export $(given)

# Builds with a preset: $(call build,dev[,target...]).
build = . deploy/common.sh; build $(1) $(2)
programs = $(call build,release,programs)
tools = $(call build,release,depotctl depot-migrate)

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } \
	    /^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Use
.PHONY: run seed deps docs-ui import-pxcodes
run: ## Install what is missing, build, and run Depot with a database of its own (GATEWAY_PORT=8080, DEPOT_HOME=.depot)
	@exec setpriv --pdeathsig TERM deploy/run.sh
seed: ## Add a believable fleet with bookings to what runs on GATEWAY_PORT
	@deploy/seed.sh
import-pxcodes: ## Take procedure codes from a CSV file, all or none (FILE=deploy/pxcodes.csv, the default: 100 made-up ones)
	@deploy/deps.sh run; $(tools); deploy/import_pxcodes.sh "$$FILE"
docs-ui: ## Get Swagger UI for the page /docs (`make run` does it, too)
	@deploy/deps.sh node; deploy/docs-ui.sh
deps: ## Install the Debian packages that running and testing need
	@deploy/deps.sh run test

##@ Operate (the database of the environment, of a running `make run`, or of DEPOT_HOME)
.PHONY: migrate migrate-down migrate-status resetdb psql routes
migrate: ## Bring the schema to the newest version
	@deploy/deps.sh run; $(tools); deploy/db.sh up
migrate-down: ## Take the newest version back (SERVICE=inventory STEPS=1)
	@deploy/deps.sh run; $(tools); deploy/db.sh --service="$$SERVICE" down "$$STEPS"
migrate-status: ## Show which versions are applied
	@deploy/deps.sh run; $(tools); deploy/db.sh status
resetdb: ## Delete all data and migrate anew; asks first (CONFIRM=<database name>)
	@deploy/deps.sh run; $(tools); deploy/db.sh reset $${CONFIRM:+--confirm="$$CONFIRM"}
psql: ## Open psql
	@deploy/deps.sh run; $(tools); deploy/db.sh psql
.PHONY: create-admin revoke-all rotate-keys audit certs
create-admin: ## Make an administrator, or give one who is there a new password (NAME= EMAIL= PASSWORD_FILE=, else it asks)
	@deploy/deps.sh run; $(programs); deploy/operate.sh create-admin
revoke-all: ## End every session and void every access token at once (API_KEYS=1: every API key, too)
	@deploy/deps.sh run; $(programs); deploy/operate.sh revoke-all
rotate-keys: ## Make the next key that signs access tokens
	@deploy/deps.sh run; $(programs); deploy/operate.sh rotate-keys
audit: ## Show what was done last, and who did it, in every service (N=50)
	@deploy/deps.sh run; $(tools); deploy/operate.sh audit
certs: ## Make a development authority and a certificate for every program, renew what expires (DIR=.depot/certs)
	@deploy/deps.sh certs; deploy/certs.sh "$$DIR"
routes: ## List method, path, rpc and access of every route
	@deploy/deps.sh run; $(tools); build/release/tools/depotctl/depotctl routes

##@ Develop
.PHONY: build docs test test-asan test-browser fuzz lint fmt coverage new-rpc new-service postman release-contract bench bench-logins clean
build: ## Build the release programs
	@deploy/deps.sh run; $(programs)
docs: ## Write docs/errors.md and docs/config.md from the contract and the programs
	@deploy/deps.sh run; $(call build,release,docs)
test: ## Run every test against a throw-away database (TESTS=pattern)
	@deploy/deps.sh test; $(call build,dev); tests/run.sh build/dev $${TESTS:+-R "$$TESTS"}
test-asan: ## The same under the address and undefined behaviour sanitizers
	@deploy/deps.sh test; $(call build,asan); tests/run.sh build/asan $${TESTS:+-R "$$TESTS"}
test-browser: ## Use the page /docs in Chromium, which is installed for it
	@deploy/deps.sh test browser; $(call build,dev); TEST_BROWSER=1 tests/run.sh build/dev -L browser
fuzz: ## Give every fuzz target SECONDS=60 under the sanitizers (TARGETS="codec http")
	@deploy/deps.sh fuzz; $(call build,fuzz,fuzz); tests/fuzz/run.sh build/fuzz $(SECONDS) $(TARGETS)
lint: ## Check format, scripts, folders' dependencies, the contract, and the C code with clang-tidy
	@deploy/deps.sh test lint; $(call build,dev); tests/lint.sh
fmt: ## Format the C code
	@deploy/deps.sh lint; git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format -i
coverage: ## Run the tests and write build/coverage/report/index.html
	@deploy/deps.sh coverage; $(call build,coverage)
	@find build/coverage -name '*.gcda' -delete; tests/run.sh build/coverage
	@mkdir -p build/coverage/report
	@# Tests kill processes, which leaves some counts that gcovr finds odd: that goes to its log.
	@. deploy/common.sh; gcovr --root . --filter 'lib/' --filter 'gateway/' --filter 'tools/' \
	    $$(services | sed 's|.*|--filter &/|') \
	    --object-directory build/coverage --gcov-ignore-parse-errors --print-summary \
	    --html-details build/coverage/report/index.html build/coverage 2>build/coverage/gcovr.log
postman: ## Make a Postman collection of the contract, build/postman/depot.postman_collection.json
	@deploy/deps.sh test; $(call build,dev); \
	    node tests/npm/postman.mjs build/dev/gen/openapi-3.0.json build/postman/depot.postman_collection.json
release-contract: ## At a release: from now on nothing that the contract promises may go
	@deploy/deps.sh test; $(call build,dev); tests/contract/lint.sh build/dev lint release
new-rpc: ## Scaffold the files of a new method with a failing test (NAME=GetThing SERVICE=inventory)
	@tools/new_rpc.sh "$$NAME" "$$SERVICE"
new-service: ## Scaffold a service that builds, runs and answers its health check (NAME=parking)
	@tools/new_service.sh "$$NAME"
bench: ## Measure against pgbench on the same SQL
	@deploy/deps.sh bench; $(programs); bench/run.sh
bench-logins: ## Measure logins, and what they cost those who book
	@deploy/deps.sh bench; $(call build,release,programs bench_argon2); bench/logins.sh
clean: ## Remove everything that was built; the data in DEPOT_HOME stays
	rm -rf build

##@ Containers (docker-compose 1.29 or compose v2)
.PHONY: images up stop down test-compose clean-images
images: ## Build the images
	@deploy/compose.sh build
up: ## Start database, services and gateway, and wait until they serve
	@deploy/compose.sh up
stop: ## Stop the containers; everything stays
	@deploy/compose.sh stop
down: ## Remove the containers (VOLUMES=1: and the data)
	@deploy/compose.sh down $(if $(filter 1 yes,$(VOLUMES)),--volumes)
clean-images: ## Remove the images that `make images` built
	@deploy/compose.sh clean-images
test-compose: ## Try it all: log in, book, kill the database, recover, down, up, the data is still there
	@deploy/test-compose.sh
