# Two commands matter: `make demo` shows the product, `make test` proves it.
# Each makes .venv when it is missing or older than pyproject.toml.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
ARGS ?=

.PHONY: demo test test-lowest check generate format bench clean

demo: $(READY)
	@$(BIN)/python -m examples.webapp.demo $(ARGS)

test: $(READY)
	$(BIN)/python -m pytest -n auto $(ARGS)

# The oldest versions that pyproject.toml admits must do as well.
test-lowest:
	$(PYTHON) -m venv --clear .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet uv
	.venv-lowest/bin/uv pip install --quiet --python .venv-lowest/bin/python --resolution lowest-direct \
		--editable ".[all]" --group tests --group bench --group typing
	.venv-lowest/bin/python -m pytest -n auto $(ARGS)

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy tests/typing
	$(BIN)/mypy --package examples.webapp
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m tools.generate_k8s --check
	$(BIN)/python -m tools.cel_grammar --check

# The classes of the built-in kinds, from the documents that the embedded server ships; the tables of the CEL parser.
generate: $(READY)
	$(BIN)/python -m tools.generate_k8s $(ARGS)
	$(BIN)/python -m tools.cel_grammar $(ARGS)

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)
	$(BIN)/python -m benchmarks.decode
	$(BIN)/python -m benchmarks.derive
	$(BIN)/python -m benchmarks.validate
	$(BIN)/python -m benchmarks.apply
	$(BIN)/python -m benchmarks.server
	$(BIN)/python -m benchmarks.transports
	$(BIN)/python -m benchmarks.runtime
	$(BIN)/python -m benchmarks.cel
	$(BIN)/python -m benchmarks.builtin_kinds

$(READY): pyproject.toml
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable ".[all]" --group dev
	@touch $(READY)

clean:
	rm -rf .venv .venv-lowest .mypy_cache .pytest_cache .ruff_cache dist
