# Each target does all its set-up on a machine that has Python 3.11 or newer and nothing else.
.DEFAULT_GOAL := help
export UV_SYSTEM_CERTS := 1
# uv copies on file systems without links; saying so keeps newcomers from a warning.
export UV_LINK_MODE := copy
PYTHON ?= python3
# The SQL linters compile the models against an empty database of their own.
LINT_DBT := env PYTHONPATH=$(CURDIR) DBT_TARGET_PATH=$(CURDIR)/dbt/target DBT_LOG_PATH=$(CURDIR)/dbt/logs \
	DBT_PROFILES_DIR=$(CURDIR)/dbt DBT_PROJECT_DIR=$(CURDIR)/dbt RELIABILITY_WAREHOUSE_FILE=$(CURDIR)/dbt/target/lint.duckdb DO_NOT_TRACK=1 \
	PATH=$(CURDIR)/.venv-lint/bin:$(PATH)
BIN := .venv/bin

.PHONY: help setup setup-spark setup-train demo test test-all bench lint lock clean

help:  ## show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

setup: .venv/installed .venv/bytecode .venv/compiled .venv/fitted  ## install the locked packages into .venv

.venv/installed: requirements.lock requirements-uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Point to one: make PYTHON=/path/to/python3.11")'
	@echo "Installing the locked packages into .venv ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m dagster_project.publishing.manifest
	@touch $@

# Python keeps what it compiles by itself, but not where PYTHONDONTWRITEBYTECODE is set, as in many containers: there each
# of our processes compiled all it imports anew.
.venv/bytecode: .venv/installed $(shell find dagster_project benchmarks -name '*.py')
	@$(BIN)/python -m compileall -q dagster_project benchmarks
	@touch $@

.venv/compiled: .venv/installed $(wildcard dagster_project/formats/native/scanning/*.py)
	@$(BIN)/python -m dagster_project.formats.native.scanning.compiling
	@touch $@

.venv/fitted: .venv/installed $(wildcard $(addprefix dagster_project/failures/,*.* messages/*.* model/*.* model/labelled/*))
	@$(BIN)/python -m dagster_project.failures.model.fitting
	@touch $@

setup-spark: .venv/installed-spark  ## add Spark to .venv (Java 17 or newer comes from the system)

.venv/installed-spark: requirements-spark.lock .venv/installed
	@echo "Installing Spark into .venv ..."
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements-spark.lock
	@touch $@

setup-train: .venv/installed-train  ## add PyTorch and TRL to .venv, for the smoke run over exported datasets

.venv/installed-train: requirements-train.lock .venv/installed
	@echo "Installing the trainers into .venv ..."
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements-train.lock
	@touch $@

demo: setup  ## simulate a fleet, run everything on it, and print what was found
	@$(BIN)/reliability demo

test: setup  ## the quick test suite
	@$(BIN)/python -m pytest -m "not slow" -n auto --dist loadgroup

test-all: setup  ## every test, the slow ones (real daemon, killed landings) included
	@$(BIN)/python -m pytest -n auto --dist loadgroup --cov=dagster_project --cov-report=term:skip-covered --cov-fail-under=85

bench: setup  ## measure against comparators in the same run; the table, data/bench/bench.json and a plot
	@$(BIN)/python -m benchmarks $(ROWS)

lint: setup .venv-lint/installed  ## ruff, types, SQL style and dbt-score
	@.venv-lint/bin/ruff check .
	@.venv-lint/bin/ruff format --check .
	@.venv-lint/bin/ty check --python .venv dagster_project benchmarks
	@$(LINT_DBT) .venv-lint/bin/sqlfluff lint --processes 0 dbt/models dbt/tests
	@cd dbt && $(LINT_DBT) ../.venv-lint/bin/dbt-score lint --run-dbt-parse --fail-project-under 9.5

.venv-lint/installed: requirements-lint.lock .venv/installed
	@echo "Installing the linters into .venv-lint ..."
	@$(PYTHON) -m venv .venv-lint
	@$(BIN)/uv pip install --quiet --python .venv-lint/bin/python --require-hashes -r requirements-lint.lock
	@touch $@

lock:  ## resolve the declared versions again and write requirements.lock
	$(BIN)/uv pip compile pyproject.toml -c constraints.txt --extra test --extra build --no-strip-extras --universal \
		--python-version 3.11 --generate-hashes --no-annotate --no-header --upgrade -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml -c requirements.lock --extra spark --extra spark-test --no-strip-extras --universal \
		--python-version 3.11 --generate-hashes --no-annotate --no-header --upgrade -o requirements-spark.lock
	$(BIN)/uv pip compile pyproject.toml -c requirements.lock --extra train --no-strip-extras --universal \
		--python-version 3.11 --generate-hashes --no-annotate --no-header --upgrade -o requirements-train.lock
	$(BIN)/uv pip compile --group pyproject.toml:lint -c constraints-lint.txt --no-strip-extras --universal \
		--python-version 3.11 --generate-hashes --no-annotate --no-header --upgrade -o requirements-lint.lock

clean:  ## remove the virtual environments and build leftovers (never data/)
	rm -rf .venv .venv-lint dbt/target dbt/logs dagster_project/formats/native/scanning/target dagster_project/failures/model/target
