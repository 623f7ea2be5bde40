# `make` prints what can be made. run, demo, test and invoke need Go and make, nothing else.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

GO ?= go
# Where what is built for this machine goes. `sam build` and `sam deploy` keep to .aws-sam/, so that
# a binary for this machine's processor never lies where a deployment takes its own from.
BUILD := .build
EVENT ?= events/sign-up.json

# Each function of template.yaml by its logical id, and its folder under functions/.
FUNCTIONS := PreSignUpFunction ApiFunction
folder-PreSignUpFunction := pre-signup
folder-ApiFunction := api

##@ Use it

.PHONY: help
help: ## print this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z][a-z-]*:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: ## start the local stack: user pool, DynamoDB, mailbox and the real function (Ctrl-C ends it)
	@$(GO) build -o $(BUILD)/run ./local/cmd/run && exec $(BUILD)/run $(ARGS)

.PHONY: demo
demo: ## play the whole story against a local stack and print it as a table
	$(GO) run ./local/cmd/demo $(ARGS)

.PHONY: invoke
invoke: ## answer one event as Lambda would: make invoke EVENT=events/x.json
	@$(GO) run ./local/cmd/invoke $(EVENT)

##@ Build it

.PHONY: build
build: $(FUNCTIONS:%=build-%) ## compile the functions for this machine, as sam build does, into .build/functions/

.PHONY: portaria
portaria: ## build the operator's command for this machine, into .build/portaria
	$(GO) build -o $(BUILD)/portaria ./cmd/portaria

# `sam build` comes here too: it sets ARTIFACTS_DIR and, through the Makefile of .ci/arch/ that
# template.yaml names, SAM_ARCHITECTURE and GOARCH. By any other way it would get a binary for this
# machine's processor, whatever the template asks for: that is an error.
ifeq ($(origin ARTIFACTS_DIR)$(SAM_ARCHITECTURE),environment)
$(error the function must have Metadata ContextPath .ci/arch/$${Architecture} in template.yaml, or its binary may not fit its Architecture)
endif
ARTIFACTS_DIR ?= $(BUILD)/functions/$*
GOARCH ?= $(shell $(GO) env GOARCH)

# Static, small and the same bytes wherever it is built. lambda.norpc leaves out the runtime of the
# retired go1.x, nethttpomithttp2 an HTTP/2 that DynamoDB does not speak; no buildvcs, because SAM may
# build a copy that is no repository.
.PHONY: $(FUNCTIONS:%=build-%)
$(FUNCTIONS:%=build-%): build-%:
	CGO_ENABLED=0 GOOS=linux GOARCH=$(GOARCH) $(GO) build -tags lambda.norpc,nethttpomithttp2 -trimpath -buildvcs=false \
	  -ldflags '-s -w -buildid=' -o "$(ARTIFACTS_DIR)/bootstrap" ./functions/$(folder-$*)

.PHONY: clean
clean: ## remove what was built; .tools/ stays (rm -r .tools to have the tools fetched again)
	rm -rf $(BUILD) .aws-sam

##@ Ship it

processors := amd64 arm64

.PHONY: dist
dist: ## pack each function for each processor into .build/dist/, the same bytes wherever it is made
	@rm -rf $(BUILD)/dist
	@for goarch in $(processors); do $(MAKE) --no-print-directory build GOARCH=$$goarch BUILD=$(BUILD)/dist/$$goarch || exit; done
	@$(foreach goarch,$(processors),$(foreach function,$(FUNCTIONS),env -u GOARCH $(GO) run ./local/cmd/pack \
	  $(BUILD)/dist/$(folder-$(function))-linux-$(goarch).zip $(BUILD)/dist/$(goarch)/functions/$(function)/bootstrap &&)) \
	cd $(BUILD)/dist && sha256sum *.zip

.PHONY: reproducible
reproducible: ## make dist of HEAD in two clones in two folders, once with an empty build cache: the same bytes
	@.ci/reproducible

.PHONY: release
release: ## all that a release holds, into .build/release/: make release VERSION=v1.2.3
	@.ci/release "$(VERSION)"

.PHONY: sbom
sbom: ## the bill of materials (CycloneDX) of every binary that is shipped, into .build/sbom/
	@.ci/sbom

.PHONY: licences
licences: sbom ## check the licence of every module that is shipped, and that docs/licences.md lists them
	@.ci/need python3 python3
	@.ci/licences

.PHONY: licences-list
licences-list: sbom ## write docs/licences.md anew
	@.ci/licences --write

##@ Check it

.PHONY: check
check: ## everything that .ci/run checks, one after the other
	@.ci/steps $(CHECKS)

# The tests come last, so that the output ends with their verdict.
CHECKS := fmt-check vet lint lint-shell sam-validate sam-lint-transformed rights serverless-rules checkov workflows licences sam-build sam-invoke sam-start-api aws-clients schemathesis-short model fuzz cpf-oracles contract browser reproducible bench-short race test

.PHONY: test
test: ## run the tests
	$(GO) test ./...

.PHONY: race
race: ## run the tests with the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race ./...

.PHONY: fmt
fmt: ## format the Go files
	gofmt -w $(go-files)

.PHONY: fmt-check
fmt-check: ## name the Go files that are not formatted
	@unformatted=$$(gofmt -l $(go-files)) && \
	if [ -n "$$unformatted" ]; then printf 'not formatted; run make fmt:\n%s\n' "$$unformatted" >&2; exit 1; fi

go-files = $(shell find . -name '*.go' -not -path './.*' -not -path './node_modules/*')

.PHONY: vet
vet: ## go vet
	$(GO) vet ./...

.PHONY: lint
lint: ## staticcheck and golangci-lint, at the versions of go.mod and .ci/locks/
	$(GO) tool staticcheck ./...
	$(GO) tool -modfile=.ci/locks/golangci-lint.mod golangci-lint run ./...

.PHONY: lint-shell
lint-shell: ## shellcheck over the scripts of .ci/
	@.ci/need shellcheck shellcheck
	shellcheck $$(grep -rlE '^#!.*\b(ba)?sh$$' .ci)

.PHONY: workflows
workflows: ## actionlint and zizmor over .github/workflows/ (needs Python 3.11)
	@.ci/tools zizmor
	$(GO) tool -modfile=.ci/locks/actionlint.mod actionlint
	.tools/zizmor/bin/zizmor --offline --quiet --persona pedantic .github

.PHONY: vuln
vuln: ## known vulnerabilities that the code can reach (needs vuln.go.dev, or VULNDB=file:///folder)
	$(GO) tool -modfile=.ci/locks/govulncheck.mod govulncheck -db $(VULNDB) -tags lambda.norpc ./...

VULNDB ?= https://vuln.go.dev

.PHONY: contract
contract: ## the tests of what DynamoDB does, on AWS's own DynamoDB Local (needs Java and Maven)
	@.ci/tools dynamodb-local
	@$(GO) test -run '^$$' $(contract) >/dev/null # compiled here: there is no network inside
	PORTARIA_REQUIRE_DYNAMODB_LOCAL=1 .ci/dynamodb-local $(GO) test -count=1 -p 1 $(contract)

contract := ./pkg/registry ./pkg/limit ./pkg/web ./local/dynamodb ./local/model/expression ./local/soak ./cmd/portaria/internal/reconcile

.PHONY: bench-reconcile
bench-reconcile: ## memory, time and requests of portaria reconcile over 10,000 and 100,000 users
	$(GO) test -run '^$$' -bench Reconcile -benchtime 1x -timeout 30m ./cmd/portaria/internal/reconcile

.PHONY: canary
canary: ## send canaries through the function and the local stack, and look for them in all that comes out
	$(GO) test -count=1 ./local/canary
	$(GO) test -count=1 -run Canary ./functions/...

.PHONY: indistinguishable
indistinguishable: ## 1,000 known and 1,000 unknown e-mails on each public route: can the times tell them apart? (a minute)
	PORTARIA_INDISTINGUISHABLE=required $(GO) test -count=1 -run TestNobodyCanTellWhoIsKnown -v ./functions/api

.PHONY: model
model: ## every order of events that the claim can meet: 8.7 million states, and 19 protocols that are wrong
	PORTARIA_MODEL=full $(GO) test -count=1 -timeout=5m ./local/model/...

.PHONY: fuzz
fuzz: ## every fuzz target, FUZZTIME each (10s)
	@.ci/fuzz

.PHONY: cpf-oracles
cpf-oracles: ## pkg/cpf against a second implementation, brutils and validate-docbr (needs Python 3.11)
	@.ci/tools cpf-oracles
	@mkdir -p $(BUILD)
	PORTARIA_CPF_NUMBERS=1000000 $(GO) test -count=1 -run TestNumbersByTwoImplementations -v ./pkg/cpf
	$(GO) build -o $(BUILD)/cpfverdicts ./local/soak/cpfverdicts
	.tools/cpf-oracles/bin/python .ci/cpf-oracles $(BUILD)/cpfverdicts

.PHONY: soak
soak: ## 1000 sign-ups at once x 100 and 100,000 judged calls on both engines, then each fuzz target 10 minutes
	@.ci/tools dynamodb-local
	@mkdir -p $(BUILD)
	$(GO) test -c -o $(BUILD)/soak.test ./local/soak
	PORTARIA_REQUIRE_DYNAMODB_LOCAL=1 PORTARIA_SOAK_PEOPLE=1000 PORTARIA_SOAK_ROUNDS=100 PORTARIA_SOAK_OPERATIONS=100000 \
	  .ci/dynamodb-local $(BUILD)/soak.test -test.v -test.timeout 60m
	FUZZTIME=10m .ci/fuzz

.PHONY: browser
browser: ## the page and the whole story in a real browser (needs Chromium and npm)
	@.ci/need chromium chromium
	@.ci/axe
	PORTARIA_BROWSER=required $(GO) test -count=1 ./pkg/web/page
	PORTARIA_BROWSER=required $(GO) test -count=1 -run Browser ./functions/api

.PHONY: screenshots
screenshots: ## take the pictures in docs/page/ anew (needs Chromium)
	@.ci/need chromium chromium
	PORTARIA_BROWSER=required PORTARIA_SCREENSHOTS=$(CURDIR)/docs/page $(GO) test -count=1 -run '^TestScreenshots$$' ./pkg/web/page

.PHONY: openapi
openapi: ## write openapi.json anew from openapi.yaml
	PORTARIA_OPENAPI=write $(GO) test -count=1 -run TestOpenAPIIsServed ./pkg/web

.PHONY: schemathesis
schemathesis: schemathesis-long ## 5,000 cases made from openapi.yaml against the local stack, SEED=n repeats a run (needs Python 3.11)

.PHONY: schemathesis-short schemathesis-long
schemathesis-short: ## the same in a minute: always the same 450 cases
schemathesis-short schemathesis-long: schemathesis-%: build-local
	@.ci/tools schemathesis
	.ci/private-network .ci/local-stack .tools/schemathesis/bin/python .ci/schemathesis $* $(SEED)

.PHONY: aws-clients
aws-clients: build-local ## drive the local stack with the AWS CLI and boto3 (needs Python 3.11)
	@.ci/tools clients
	.ci/private-network .ci/local-stack .tools/clients/bin/python .ci/aws-clients

# The local stack as a program, for the scripts that run it where there is no network to build with.
.PHONY: build-local
build-local: build
	@mkdir -p $(BUILD)
	$(GO) build -o $(BUILD)/run ./local/cmd/run

##@ Measure it

.PHONY: bench
bench: build-PreSignUpFunction ## measure the trigger beside its peers, into docs/benchmarks.md (Rust and Python 3.11 if there)
	@mkdir -p $(BUILD)/bench
	$(GO) build -o $(BUILD)/bench/bench ./bench/cmd/bench
	$(BUILD)/bench/bench $(ARGS)

.PHONY: bench-short
bench-short: build-PreSignUpFunction ## hold the trigger's cold start and processor time to a naive one's (half a minute)
	@mkdir -p $(BUILD)/bench
	$(GO) build -o $(BUILD)/bench/bench ./bench/cmd/bench
	@# What else runs on the machine moves ratios too: too slow is too slow twice.
	$(BUILD)/bench/bench -short $(ARGS) || { echo '== measured once more'; $(BUILD)/bench/bench -short $(ARGS); }

.PHONY: bench-growth
bench-growth: build-PreSignUpFunction ## how claims grow with concurrency, on DynamoDB Local (needs Java and Maven)
	@.ci/tools dynamodb-local
	@mkdir -p $(BUILD)/bench
	$(GO) build -o $(BUILD)/bench/growth ./bench/cmd/growth
	.ci/dynamodb-local $(BUILD)/bench/growth $(ARGS)

##@ Check the template (needs Python 3.11; the SAM CLI is fetched into .tools/)

sam := SAM_CLI_TELEMETRY=0 .tools/sam/bin/sam

.PHONY: sam-validate
sam-validate: sam-tool ## sam validate --lint
	$(sam) validate --lint

.PHONY: sam-lint-transformed
sam-lint-transformed: sam-tool ## lint the template as CloudFormation gets it, and hold it to our rules
	.tools/sam/bin/python .ci/transform

.PHONY: serverless-rules
serverless-rules: templates ## hold the template to the 18 rules of cdk-nag's Serverless pack
	PORTARIA_TEMPLATES=required $(GO) test -count=1 .

.PHONY: checkov
checkov: templates ## checkov over the template; what it skips has its reason there
	@.ci/tools checkov
	@.ci/checkov

# The template after the SAM transform, for each combination of what its conditions ask.
.PHONY: templates
templates: sam-tool
	@.tools/sam/bin/python .ci/transform --only-write

.PHONY: rights
rights: sam-tool ## hold each function's role to what the function asks AWS for, no more and no less
	.tools/sam/bin/python .ci/rights

.PHONY: sam-build
sam-build: sam-tool ## sam build for each Architecture, and see that the binary is for it
	@.ci/sam-build

.PHONY: sam-invoke
sam-invoke: sam-tool build-local ## sam local invoke against the local stack (Docker, or podman as root)
	@.ci/sam-local-invoke

.PHONY: sam-start-api
sam-start-api: sam-tool build-local ## sam local start-api against the local stack (Docker, or podman as root)
	@.ci/sam-local-start-api

.PHONY: sam-tool
sam-tool:
	@.ci/tools sam
