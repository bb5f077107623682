# One virtual environment, made where it is missing; every target does its own set-up.
PYTHON ?= python3
VENV := .venv
BENCH := .venv-bench
WHEEL := .venv-wheel
LOWEST := .venv-lowest
BIN := $(VENV)/bin
# Tests of one file stay in one process, which has its fixtures and its compiled kernels; those of files named
# as APART in tests/slow_files.py go to whichever is free. Files begin in the order of conftest.py: those that
# take long first, so that no worker is left alone with one at the end.
WORKERS := -n auto --dist loadfile --no-loadscope-reorder
# Tests start many processes; without bytecode on disk each would compile the sources of the package anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo demo-corpus test all-tests quick coverage lowest lint other-sums check wheel format bench examples docs clean

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

$(BENCH)/.installed: pyproject.toml constraints.txt benchmarks/constraints.txt
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --constraint benchmarks/constraints.txt \
		--editable '.[plot,serve]' keras jax tensorflow-cpu torch gensim fasttext granian cleanlab
	touch $@

demo: $(VENV)/.installed  ## the main job: train, score, neighbors, pictures, a report
	$(BIN)/wordloom demo --overwrite

demo-corpus: $(VENV)/.installed  ## a million documents: scored, interrupted, resumed, filtered, reported on
	$(BIN)/python benchmarks/demo_corpus.py wordloom-demo-corpus

test: $(VENV)/.installed  ## all but exhaustive products of cases, of which it has some; the end says how many it left out
	$(BIN)/python -m pytest $(WORKERS) -m "not exhaustive"

all-tests: $(VENV)/.installed  ## every test
	$(BIN)/python -m pytest $(WORKERS)

quick: lint  ## lint, types and the tests that take moments: no data, Keras, browser, long fit or processes
	$(BIN)/python -m pytest $(WORKERS) -m "not slow and not exhaustive and not data and not keras and not browser and not cluster"

coverage: $(VENV)/.installed  ## which lines the tests reach
	$(BIN)/python -m pytest $(WORKERS) --cov=wordloom --cov-report=term:skip-covered

lowest:  ## the tests that need no data, with the lowest versions that pyproject.toml allows
	$(PYTHON) -m venv $(LOWEST)
	$(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check uv
	$(LOWEST)/bin/uv pip install --quiet --python $(LOWEST)/bin/python --resolution lowest-direct --editable '.[dev]'
	$(LOWEST)/bin/python -m pytest $(WORKERS) -m "not data"

lint: $(VENV)/.installed  ## formatting, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

other-sums: $(VENV)/.installed  ## tests that processors could decide, with linear algebra kernels that any x86 can run
	OPENBLAS_CORETYPE=Prescott $(BIN)/python -m pytest $(WORKERS) -m blas $$(grep -rl --include='*.py' mark.blas tests)

check: lint all-tests other-sums  ## formatting, lint, types and every test

wheel:  ## the wheel, in dist, and a first training with it in an environment of its own
	rm -rf dist $(WHEEL)
	$(PYTHON) -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	$(PYTHON) -m venv $(WHEEL)
	$(WHEEL)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt dist/*.whl
	cd $(WHEEL) && bin/wordloom train demo --seed 1 --no-progress --out model
	cd $(WHEEL) && bin/wordloom predict model "not a dull minute" && bin/wordloom reproduce --list --json

format: $(VENV)/.installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(BENCH)/.installed  ## every benchmark beside its peer; writes benchmarks/results.md
	$(BENCH)/bin/python benchmarks/run.py

examples: $(VENV)/.installed  ## the five examples in full; writes examples/output.txt and examples/pictures
	$(BIN)/python examples/run_all.py

docs: $(VENV)/.installed  ## the documentation site, in docs/_build; every warning is an error
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build

clean:
	rm -rf $(VENV) $(BENCH) $(WHEEL) $(LOWEST) build dist docs/_build docs/copied src/*.egg-info .pytest_cache .mypy_cache .ruff_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
