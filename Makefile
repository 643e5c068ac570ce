# Two commands are all that a fresh machine needs: `make build` and `make test`.
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
FOCUS_VENV := .venv-focus
FOCUS_STAMP := $(FOCUS_VENV)/.installed
BENCH_VENV := .venv-bench
BENCH_STAMP := $(BENCH_VENV)/.installed
# Clients of the published folder, each in an environment of its own (docs/bi.md).
BI_STAMPS := $(patsubst %,.venv-%/.installed,bi superset metricflow duckdb-1.3 duckdb-1.4 duckdb-1.5)
SPARK_VENV := .venv-spark
SPARK_STAMP := $(SPARK_VENV)/.installed
# What is generated for Spark, and its tables.
SPARK := target/spark
# How large a month the benchmark makes, and how often it measures: 27,000,000 lines need about 125 GB of disk.
BENCH_LINES := 2700000
BENCH_REPEAT := 1
# At how many moments `make faults` kills a build, beside those of publishing.
FAULTS := 40

# Tests that build many warehouses: `make test-all` runs them after `make test`, two parts at a time.
LONG_1 := tests/arrivals
LONG_2 := tests/project/test_mutations.py
LONG_3 := tests/project/test_changes.py tests/project/test_months.py
LONG_4 := tests/project/test_gates.py tests/project/test_restatements.py tests/project/test_green_builds.py tests/project/test_builds_again.py \
	tests/project/test_row_order.py
LONG_5 := tests/hostile/test_builds.py tests/hostile/test_fuzz_builds.py tests/cases/test_coverage.py tests/cases/test_files.py
LONG_6 := tests/worlds/test_tenants.py tests/worlds/test_wrappings.py tests/faults
LONG := $(LONG_1) $(LONG_2) $(LONG_3) $(LONG_4) $(LONG_5) $(LONG_6)
# Real clients, in environments of 2 GB: `make test-bi` alone runs them.
BI := tests/bi
# Of the others, those that run beside the rest.
CASES := tests/worlds tests/project/test_build.py tests/cases
# The report in Chromium: driven by packages of npm, with the browser and the reader of PDFs of Debian.
BROWSER := tests/report/test_browser.py
BROWSER_STAMP := tests/report/browser/node_modules/.package-lock.json
APT := apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends

# Spark 4 runs on Java 17 or later.
JAVA := $(or $(JAVA_HOME),$(wildcard /usr/lib/jvm/java-17-openjdk-*))

.PHONY: build-spark test-spark spark-1 spark-2 java build report night check test test-all test-report test-bi pytest cases faults audit sample dashboard lint format bench docs clean

build: $(STAMP) ## set up what is needed, build and test the warehouse, print what it says
	@echo "Reading the project, then building and testing the warehouse: the sample takes one to three minutes. A long build says where it is."
	$(BIN)/dbt build --quiet

check: $(STAMP) ## what the landing zone holds and lacks; changes nothing
	$(BIN)/pec check

report: $(STAMP) ## the newest whole build as one page for people, target/report.html; marked HELD if checks hold it
	$(BIN)/pec report

night: $(STAMP) ## build if anything changed: the command for a scheduler
	$(BIN)/pec night

test: $(STAMP) $(FOCUS_STAMP) ## everything that proves the numbers, and lint
	$(MAKE) --no-print-directory -j2 pytest cases lint

test-all: test ## the same, then arrivals, mutations, changes of code, months, hostile files in builds, and the report in a browser
	$(MAKE) --no-print-directory -j2 long-1 long-2 long-3 long-4 long-5 long-6 test-report

test-report: $(STAMP) $(BROWSER_STAMP) ## the report in a browser: its numbers, both widths, light and dark, keyboard, paper, barriers
	$(BIN)/python -m pytest $(BROWSER)

long-%: $(STAMP)
	$(BIN)/python -m pytest $(LONG_$*)

pytest: $(STAMP) $(FOCUS_STAMP) ## the tests that need few builds
	$(BIN)/python -m pytest $(CASES:%=--ignore=%) $(LONG:%=--ignore=%) --ignore=$(BI) --ignore=$(BROWSER)

cases: $(STAMP) ## random worlds, and builds of one's own
	$(BIN)/python -m pytest $(CASES) $(LONG:%=--ignore=%)

audit: $(STAMP) $(FOCUS_STAMP) $(SPARK_STAMP) ## the licences of all locked packages, and known vulnerabilities where pip-audit can be used
	$(BIN)/python scripts/audit.py requirements.lock
	$(FOCUS_VENV)/bin/python scripts/audit.py requirements-focus.lock
	$(SPARK_VENV)/bin/python scripts/audit.py requirements-spark.lock

test-bi: $(STAMP) $(BI_STAMPS) ## the published folder, the starter dashboard and the metrics with real clients: DuckDB, SQLAlchemy, Superset, MetricFlow
	.venv-bi/bin/python scripts/audit.py requirements-bi.lock
	.venv-metricflow/bin/python scripts/audit.py requirements-metricflow.lock
	$(BIN)/python -m pytest $(BI)

faults: $(STAMP) ## builds that are killed at many moments, a full disk, folders that cannot be written, damage, a clock set back
	PEC_FAULTS=$(FAULTS) $(BIN)/python -m pytest tests/faults -s

sample: $(STAMP) ## write the sample landing zone anew from tests/sample
	PYTHONPATH=tests $(BIN)/python -m sample

lint: $(STAMP) ## sqlfluff with the dbt templater
	@mkdir -p target
	PEC_WAREHOUSE=target/lint.duckdb $(BIN)/sqlfluff lint --disable-progress-bar models tests/invariants analyses

format: $(STAMP) ## let sqlfluff fix what it can
	@mkdir -p target
	PEC_WAREHOUSE=target/lint.duckdb $(BIN)/sqlfluff fix --disable-progress-bar models tests/invariants analyses

bench: $(STAMP) $(BENCH_STAMP) ## a generated month against scripts by hand and Polars: target/bench.json, a table for the README
	$(BIN)/python benchmarks/run.py --lines $(BENCH_LINES) --repeat $(BENCH_REPEAT)

dashboard: $(STAMP) ## the starter dashboard as a file for Superset: target/pec_superset.zip
	$(BIN)/python scripts/superset_dashboard.py target/pec_superset.zip

docs: $(STAMP) ## the data dictionary as one file, target/static_index.html
	$(BIN)/dbt docs generate --quiet
	$(BIN)/python scripts/docs.py

build-spark: java $(STAMP) $(SPARK_STAMP) ## the same warehouse on Apache Spark, in a local session: docs/spark.md
	$(BIN)/python -m spark.prepare $(SPARK)
	$(SPARK_VENV)/bin/python -m spark generate $(SPARK)
	$(SPARK_VENV)/bin/python -m spark build $(SPARK)

test-spark: java $(STAMP) $(SPARK_STAMP) ## the marts of both engines, row for row; what the generator refuses
	$(MAKE) --no-print-directory -j2 spark-1 spark-2

# A session uses one core.
spark-1: $(SPARK_STAMP)
	$(SPARK_VENV)/bin/python -m pytest -c spark/tests/pytest.ini spark/tests -k "not random_worlds"

spark-2: $(SPARK_STAMP)
	$(SPARK_VENV)/bin/python -m pytest -c spark/tests/pytest.ini spark/tests -k random_worlds

java:
	@test -n "$(JAVA)" || { $(APT) openjdk-17-jre-headless; } \
		|| { echo "Spark needs Java 17: install openjdk-17-jre-headless, or set JAVA_HOME"; exit 1; }

clean: ## what builds made, without the warehouse and its archive, which holds what the landing zone may no longer have
	rm -rf target logs

# The environment is as the lock file says, and is made anew when the lock file changes.
$(STAMP): requirements.lock pyproject.toml
	@echo "Setting up $(VENV), once: $$(grep -c '==' requirements.lock) packages of requirements.lock, 250 MB on disk. That takes one to five minutes."
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, and python3 is %d.%d: install it, and see that python3 is the newer one." % sys.version_info[:2])'
	python3 -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# Chromium and the like are installed where they are missing, which needs root; tests say what is still missing.
$(BROWSER_STAMP): tests/report/browser/package-lock.json
	-command -v chromium > /dev/null || { $(APT) chromium fonts-liberation; }
	-command -v pdftotext > /dev/null || { $(APT) poppler-utils; }
	-command -v npm > /dev/null || { $(APT) nodejs npm; }
	-cd $(dir $<) && npm ci --ignore-scripts --no-audit --no-fund

# Environments of what cannot share one with dbt, or that nothing else needs: their requirements-<name>.in says why.
.venv-%/.installed: requirements-%.lock
	@echo "Setting up .venv-$*, once: $$(grep -c '==' $<) packages of $<."
	python3 -m venv --clear .venv-$*
	.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	touch $@

# Spark and its adapter for dbt are half a gigabyte, and only make build-spark and test-spark need them.
$(SPARK_STAMP): requirements-spark.lock
	python3 -m venv --clear $(SPARK_VENV)
	$(SPARK_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-spark.lock
	touch $@
