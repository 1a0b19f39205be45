# make run: set up everything and serve.  make test: set up and run every test.  Both need nothing installed
# beforehand but python3 with pip; uv brings Python 3.10 where the machine has another one.
UV_VERSION := 0.13.9
SCHEMATHESIS_VERSION := 4.30.1
UV := .tools/bin/uv
BIN := .venv/bin
# A pyenv shim fails where .python-version names a version that pyenv has not; the system's python then does.
PYTHON3 := $(shell python3 -c '' >/dev/null 2>&1 && echo python3 || echo /usr/bin/python3)
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 3
export SQLALCHEMY_SILENCE_UBER_WARNING := 1

.PHONY: run test check setup train bench format clean

run: setup
	@$(BIN)/wuchang serve

setup: .venv/ready

.venv/ready: pyproject.toml uv.lock .python-version Makefile | $(UV)
	@$(UV) sync --frozen --compile-bytecode --quiet
	@touch $@

$(UV):
	@echo "uv $(UV_VERSION) …"
	@$(PYTHON3) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --upgrade --target .tools "uv==$(UV_VERSION)"

train: setup
	@$(BIN)/wuchang train

# Side by side, for most tests wait for a server or a database; each process with the model takes 1.6 GB.
WORKERS ?= 4
test: setup train .tools/bin/schemathesis
	@$(BIN)/python -m tools.run_tests -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder tests

# Looks for faults of the desk's API, in an environment of its own, for Rasa holds its libraries at other versions. Where
# it cannot be had its test is left out and says so.
.tools/bin/schemathesis: | $(UV) .venv/ready
	@UV_TOOL_DIR=.tools/tools UV_TOOL_BIN_DIR=.tools/bin $(UV) tool install --quiet --force --python $(BIN)/python \
		"schemathesis==$(SCHEMATHESIS_VERSION)" || echo "no schemathesis: its test is left out"

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m tools.validate_data

bench: setup train
	@$(BIN)/python -m tools.bench

format: setup
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

# Removes what was made; reports and other data in var/ stay.
clean:
	@rm -rf .venv .tools .pytest_cache .mypy_cache .ruff_cache .hypothesis var/models
