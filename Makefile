# Two commands on a fresh machine: `make demo` and `make test`. The rest is for the people who change the code.
SHELL := /bin/bash
PYTHON ?= python3
# Byte code is written whatever the environment says: without it each worker compiles its libraries anew.
export PYTHONDONTWRITEBYTECODE :=
V := .venv/bin

.PHONY: setup demo local test test-browser test-samples test-deploy check synth bench load gallery lock clean

setup: .venv/.ready
.venv/.ready: requirements/uv.txt requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Ledgercast needs Python 3.11 or newer; set PYTHON=… to name one")'
	@test -x $(V)/python || $(PYTHON) -m venv .venv
	@$(V)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@VIRTUAL_ENV=.venv $(V)/uv pip sync --quiet --require-hashes requirements/dev.txt
	@touch $@

demo: setup
	@$(V)/python -m local demo

local: setup
	@$(V)/python -m local run

# Three processes for two cores: a third of the time a test waits for a worker, a queue or a clock.
test: setup
	$(V)/python -m pytest -n 3 --dist loadgroup --no-loadscope-reorder -m "not browser and not samples and not deploy"

test-browser: setup
	$(V)/python -m pytest -n 2 --dist loadgroup tests/browser -m browser

test-samples: setup
	$(V)/python -m pytest -m samples

test-deploy: setup .venv-deploy/.ready
	$(V)/python -m pytest tests/infra/deploy -m deploy

.venv-deploy/.ready: requirements/deploy.txt .venv/.ready
	@$(V)/uv venv --quiet --clear --python $(V)/python .venv-deploy
	@VIRTUAL_ENV=.venv-deploy $(V)/uv pip sync --quiet --require-hashes requirements/deploy.txt
	@touch $@

check: setup
	$(V)/ruff check .
	$(V)/ruff format --check .
	$(V)/mypy functions ledgercast local tests
	$(V)/mypy --cache-dir build/mypy-infra infra/*.py

synth: setup
	@$(V)/python -m infra.synth

bench: setup
	@$(V)/python -m local bench

load: setup
	@$(V)/python -m local load

gallery: setup
	@$(V)/python -m local gallery

lock: setup
	requirements/compile.sh

clean:
	rm -rf out build cdk.out
