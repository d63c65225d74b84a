# `make help` lists what there is. A second call starts no process that it does not need.

BIN := .venv/bin
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/*.po))
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header

# glibc keeps freed memory apart for each thread; with two such stores in all, a process takes less of it.
export MALLOC_ARENA_MAX ?= 2

.DEFAULT_GOAL := help
.NOTPARALLEL:
.SUFFIXES:
.PHONY: help setup run test check bench fraud screenshots docs translations lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' Makefile

setup: .venv/requirements.txt $(CATALOGUES) ## set up what is missing

run: setup ## set up what is missing and serve on http://127.0.0.1:8000
	@exec $(BIN)/flask --app app serve

test: .venv/requirements-dev.txt $(CATALOGUES) ## run every test, on real servers, a file a core; ARGS="-k sign_in" for some
	@missing=$$($(BIN)/python -m tests.services) && { [ -z "$$missing" ] || tools/install $$missing || \
		echo "Going on without. What cannot be tested is named at the end." >&2; }
	@exec $(BIN)/python -m pytest --numprocesses auto --dist loadfile $(ARGS)

check: .venv/requirements-dev.txt ## style, format and types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

bench: .venv/requirements-dev.txt $(CATALOGUES) ## measure
	@exec $(BIN)/python -m bench $(ARGS)

fraud: .venv/requirements-dev.txt ## replay made-up attacks through the guard; FRAUD=program.py for its scenarios too
	@exec $(BIN)/python -m bench.fraud $(ARGS)

screenshots: .venv/requirements-dev.txt $(CATALOGUES) ## take a picture of each page
	@exec $(BIN)/python -m tests.browser.screenshots $(ARGS)

docs: .venv/requirements.txt ## write docs/settings.md anew from the settings
	@$(BIN)/python -m tools.settings_page > docs/settings.md

translations: .venv/requirements.txt ## collect the texts, merge them into each language, compile
	@$(BIN)/pybabel --quiet extract --mapping translations/babel.cfg --keyword lazy_gettext --keyword _l --keyword N_ \
		--add-location file --sort-output --project Doorcode --output translations/messages.pot .
	@$(BIN)/pybabel --quiet update --input-file translations/messages.pot --output-dir translations --no-wrap \
		--no-fuzzy-matching
	@$(MAKE) --no-print-directory $(CATALOGUES)

lock: ## pin every dependency with its hashes (needs uv); ARGS=--upgrade takes newer versions
	@$(LOCK) $(ARGS) requirements.in --output-file requirements.txt
	@$(LOCK) $(ARGS) requirements-dev.in --constraints requirements.txt --output-file requirements-dev.txt

clean: ## remove all that was made, but for instance/ (keys and database)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis tests/oidc/openid_client/node_modules $(CATALOGUES)
	@find . -name __pycache__ -prune -exec rm -rf {} +

.venv/%.txt: %.txt
	@tools/environment $<

%.mo: %.po | .venv/requirements.txt
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
