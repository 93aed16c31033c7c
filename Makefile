# xg2g: `make help` lists what there is.
SHELL := /bin/bash
NODE := node_modules/.bin/node
AVA_FLAGS ?=
INSTALLED := node_modules/.package-lock.json
# Hundreds of processes read the same sources: compiled once, each starts in half the time.
COMPILED := NODE_COMPILE_CACHE="$(CURDIR)/.cache/node"

.DEFAULT_GOAL := help
.PHONY: help install run test test-files fuzz bench captures guide-table soak tools lint format typecheck deb rpm image test-packages clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20
	@echo
	@echo "  XG2G_E2_HOST=192.168.1.20 make run   with your receiver instead of the demo one"

install: $(INSTALLED) ## the npm packages, Node 24 among them

$(INSTALLED): package.json package-lock.json
	@command -v npm > /dev/null || { echo "npm is needed once, to fetch Node 24 and the packages: apt install npm"; exit 1; }
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

run: $(INSTALLED) ## receiver (a demo one, unless XG2G_E2_HOST is set), transcoder and daemon; Ctrl-C stops them
	@$(NODE) test/dev/run.ts

tools: ## the programs that tests use (ffmpeg, VLC, xmllint), with apt-get where they are missing
	@test/dev/install-tools.sh

test: $(INSTALLED) tools typecheck lint test-files ## everything: types, linter, all tests

test-files: $(INSTALLED) ## some tests only (FILES="test/e2e/play.test.ts ...")
	@$(NODE) test/receiver/main.ts --prepare-only
	PATH="$(CURDIR)/node_modules/.bin:$$PATH" $(COMPILED) ava $(AVA_FLAGS) $(FILES)

fuzz: $(INSTALLED) ## broken streams through the engine and all parsers (XG2G_FUZZ_SECONDS=120, XG2G_FUZZ_SEED)
	@$(NODE) test/fuzz/run.ts

bench: $(INSTALLED) tools ## figures beside ffmpeg (PARTS=delay,streams,engine,http,start,guide,sync,hour; XG2G_BENCH_SECONDS=30)
	@$(NODE) test/bench/run.ts

captures: $(INSTALLED) tools ## every capture of ../shared/data/ts through the engine, as a table
	@$(NODE) test/bench/captures.ts

guide-table: $(INSTALLED) ## what is read out of broadcasters' texts, as a table with what is missed
	@$(NODE) test/bench/guide-quality.ts

soak: $(INSTALLED) ## a household's zaps, faults and kills, seeded; nothing may be left of them (XG2G_SOAK_SECONDS=180 XG2G_SOAK_SEED=1)
	@$(NODE) test/bench/soak.ts

lint: $(INSTALLED) ## Biome: format and lint
	@node_modules/.bin/biome check --error-on-warnings .

format: $(INSTALLED) ## Biome: put the format right
	@node_modules/.bin/biome check --write .

typecheck: $(INSTALLED) ## the compiler, without output
	@node_modules/.bin/tsc --noEmit

deb: $(INSTALLED) ## dist/xg2g_VERSION_ARCH.deb, for Debian 12 and later (ARCH=arm64 for the other one)
	@$(NODE) packaging/deb/build.ts

rpm: $(INSTALLED) ## dist/xg2g-VERSION-1.ARCH.rpm (ARCH=arm64 for the other one)
	@$(NODE) packaging/rpm/build.ts

image: $(INSTALLED) ## dist/xg2g-image-VERSION-ARCH.tar, an OCI image made of the .deb (buildah, mmdebstrap)
	@$(NODE) packaging/container/build.ts

test-packages: $(INSTALLED) tools ## the packages in booted machines, Debian 12 and 13; as root (PARTS=trixie for one part)
	@$(NODE) test/receiver/main.ts --prepare-only
	@$(NODE) test/packaging/run.ts $(PARTS)

clean: ## what was made: caches and builds (not node_modules)
	rm -rf .cache dist
