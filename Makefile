# Hotline: make help lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

BINARY := bin/hotline
APP    := web/app
# Everything in Go that the binary or a test is made of.
UNIT_PACKAGES = $(shell go list ./... | grep -v -E '/e2e$$')
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: help up down reset call install build app test unit whole browser lint bench verify clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

STACK := bin/stack
.PHONY: $(STACK)
$(STACK): # not "go run": it would turn Ctrl-C into an error of its own
	@go build -o $(STACK) ./deploy/local/stack

up: install build $(STACK) ## the whole hotline on this machine: databases, Asterisk, demo data, pages; Ctrl-C ends it
	@exec $(STACK) up --binary $(CURDIR)/$(BINARY)

down: $(STACK) ## end a hotline that make up runs elsewhere
	@$(STACK) down

reset: $(STACK) ## forget the local data (refuses while it runs)
	@$(STACK) reset

call: $(STACK) ## place a demo call for repair, rated 5 at its end
	@$(STACK) call

install: ## install what is missing on this machine (Debian), an Asterisk included
	@deploy/local/install.sh

.PHONY: install-tests
install-tests:
	@deploy/local/install.sh --tests

build: app $(BINARY) ## the binary, with the pages inside

.PHONY: $(BINARY)
$(BINARY):
	@echo "building $(BINARY)"
	@CGO_ENABLED=0 go build -trimpath -o $(BINARY) ./cmd/hotline

app: $(APP)/dist/index.html ## the pages

$(APP)/node_modules/.installed: $(APP)/package-lock.json
	@echo "installing the pages' libraries"
	@cd $(APP) && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.installed

$(APP)/dist/index.html: $(APP)/node_modules/.installed $(shell find $(APP)/src $(APP)/index.html $(APP)/vite.config.ts $(APP)/package.json -type f 2>/dev/null)
	@echo "building the pages"
	@cd $(APP) && npm run --silent build

test: install-tests build unit whole browser ## everything, real parts included

unit: app ## the packages' own tests, and the pages' tests
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not formatted:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	go test $(UNIT_PACKAGES)
	cd $(APP) && npm run --silent test

whole: ## real calls through the real Asterisk, Postgres and Redis
	go test -count=1 -timeout 12m ./deploy/e2e

browser: ## a real call, answered in Chromium
	go test -count=1 -timeout 8m -v ./web/e2e

lint: ## static checks (builds the linter the first time)
	go run $(GOLANGCI) run ./...

bench: ## benchmarks, with figures
	go test -run '^$$' -bench . -benchmem $(UNIT_PACKAGES)

verify: ## generated files are current
	go generate ./...
	git diff --exit-code

clean: ## remove what was built
	rm -rf bin $(APP)/dist/assets $(APP)/dist/index.html
