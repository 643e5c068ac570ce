# Two commands are all that a fresh machine needs: `make build` and `make test`.
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
FOCUS_VENV := .venv-focus
FOCUS_STAMP := $(FOCUS_VENV)/.installed
WAREHOUSE := $(or $(PEC_WAREHOUSE),warehouse.duckdb)
# How large a month the benchmark makes, and how often it measures: 27,000,000 lines need 70 GB of disk.
BENCH_LINES := 2700000
BENCH_REPEAT := 1

# Tests that build a warehouse for each case: they run beside the others.
CASES := tests/python/test_random_worlds.py tests/python/test_arrivals.py tests/python/test_mutations.py

.PHONY: build test pytest cases lint format bench docs clean

build: $(STAMP) ## set up what is needed, build and test the warehouse, print what it says
	$(BIN)/dbt build --quiet
	$(BIN)/python scripts/summarise.py $(WAREHOUSE)

test: $(STAMP) $(FOCUS_STAMP) ## lint, then everything that proves the numbers
	$(MAKE) --no-print-directory -j3 lint pytest cases

pytest: $(STAMP) $(FOCUS_STAMP) ## all tests but cases
	$(BIN)/python -m pytest $(CASES:%=--ignore=%)

cases: $(STAMP) ## random worlds and arrivals, and rules broken on purpose
	$(BIN)/python -m pytest $(CASES)

lint: $(STAMP) ## sqlfluff with the dbt templater
	@mkdir -p target
	PEC_WAREHOUSE=target/lint.duckdb $(BIN)/sqlfluff lint --disable-progress-bar models tests/invariants analyses

format: $(STAMP) ## let sqlfluff mend what it can
	@mkdir -p target
	PEC_WAREHOUSE=target/lint.duckdb $(BIN)/sqlfluff fix --disable-progress-bar models tests/invariants analyses

bench: $(STAMP) ## a generated month against a hand-written script: target/bench.json
	$(BIN)/python benchmarks/run.py --lines $(BENCH_LINES) --repeat $(BENCH_REPEAT)

docs: $(STAMP) ## the data dictionary as one file, target/static_index.html
	$(BIN)/dbt docs generate --static

clean: ## what builds made, without the warehouse: it keeps history that the landing zone may no longer hold
	rm -rf target logs

# The environment is as the lock file says, and is made anew when the lock file changes.
$(STAMP): requirements.lock
	python3 -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	touch $@

# The FOCUS project's validator cannot share an environment with dbt: its pandera needs an old multimethod.
$(FOCUS_STAMP): requirements-focus.lock
	python3 -m venv --clear $(FOCUS_VENV)
	$(FOCUS_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements-focus.lock
	touch $@
