# Every target works on a fresh clone by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export PYTHONWARNINGS ?= default

.PHONY: demo run test test-long check bench clean lock kafka keycloak
.DEFAULT_GOAL := demo

$(READY): requirements/dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(READY)
	@$(BIN)/python manage.py demo run

run: $(READY)
	@$(BIN)/python manage.py serve

# Without those of the architecture: they are a part of "make check".
test: $(READY)
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not long" --ignore=tests/architecture

test-long: $(READY)
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --config importlinter.ini
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python manage.py spectacular --urlconf config.urls_external --validate --fail-on-warn --file /dev/null
	@$(BIN)/python manage.py spectacular --urlconf config.urls_internal --validate --fail-on-warn --file /dev/null
	@OSSREP_HTTPS=true OSSREP_DEBUG=false OSSREP_EMAIL_URL=smtp+tls://localhost $(BIN)/python manage.py check --deploy --fail-level WARNING
	@$(BIN)/python -m pytest tests/architecture

bench: $(READY)
	@$(BIN)/python -m bench

kafka: $(READY)
	@$(BIN)/python -m deploy.kafka

keycloak: $(READY)
	@$(BIN)/python -m deploy.keycloak

lock:
	cd requirements && ../$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet base.in -o base.txt
	cd requirements && ../$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet dev.in -c base.txt -o dev.txt

clean:
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m ossrep.infra.embedded stop var || true; fi
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
