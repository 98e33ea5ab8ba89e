# make demo: see it.  make test: prove it.  Both make .venv first if it is missing.

.DEFAULT_GOAL := help
.PHONY: help demo test test-postgres bench-ui pictures torture adversary lint format clean qt-libs qt-window-libs

# The first Python that is new enough; `make PYTHON=/path/to/python3` names another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 && \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	{ echo $$p; break; }; done)

ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
STAMP := .venv/.installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help:
	@echo "make demo    open the window on the demo film, or draw it to demo/ without a display"
	@echo "make test    check style, types, the direction of imports, and run the tests"
	@echo "make bench-ui  time the window on this machine; it should have nothing else to do"
	@echo "make pictures  draw the pictures of docs/pictures anew, after a change to the look"
	@echo "make torture  kill windows and engines, fill and tear disks: what was acknowledged must stay"
	@echo "make adversary  open hostile films, models and tables by the thousand, and count what is wrong"
	@echo "make test-postgres  prove a team's workspace on a PostgreSQL server of its own"
	@echo "make lint    the checks of make test without the tests"
	@echo "make format  put every file in the one format"
	@echo "make clean   remove .venv, caches and demo/"

$(STAMP): pyproject.toml constraints.txt
	@if [ -z "$(PYTHON)" ]; then \
		echo "cephview needs Python 3.11 or newer, and none was found: install it, or name it with" \
			"make PYTHON=/path/to/python3" >&2; exit 1; fi
	@if ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
		echo "cephview needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -V 2>&1): name a" \
			"newer one with make PYTHON=/path/to/python3" >&2; exit 1; fi
	@if [ ! -x $(BIN)/python ]; then \
		echo "Making .venv with $$($(PYTHON) -V 2>&1) ..."; \
		$(PYTHON) -m venv .venv || { rm -rf .venv; \
			echo "A virtual environment could not be made; on Debian and Ubuntu first run:" \
				"apt-get install python3-venv" >&2; exit 1; }; fi
	@echo "Installing what cephview needs into .venv (on Linux about 5 GB; some minutes) ..."
	@$(BIN)/python -m pip install -qq -c constraints.txt -e '.[test]'
	@touch $@

# What a bare Linux lacks for Qt: installed where that is allowed, else named.
define install_qt_libraries
	@missing=$$($(BIN)/python -m cephview.qt_libraries $(1)) || exit 1; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "Qt needs $$missing: installing with apt-get ..."; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq && \
		apt-get install -y -qq --no-install-recommends $$missing >/dev/null && exit 0; \
		echo "apt-get could not install what Qt needs: $$missing" >&2; exit 1; \
	fi; \
	echo "Qt cannot start without some system libraries; install them first with:" >&2; \
	echo "  sudo apt-get install -y $$missing" >&2; exit 1
endef

qt-libs: $(STAMP)
	$(call install_qt_libraries)

qt-window-libs: $(STAMP)
	$(call install_qt_libraries,$(if $(DISPLAY),--window))

demo: $(STAMP) qt-window-libs
	@$(BIN)/cephview demo --out demo

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# A process a core, as far as memory is sure to go. TEST_PROCESSES= runs all in one, in order.
TEST_PROCESSES ?= -n logical --maxprocesses 4 --dist worksteal

test: lint qt-libs
	QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} $(BIN)/pytest $(TEST_PROCESSES)

# A server of its own, without the system's: found where it is, else installed where that is allowed.
test-postgres: $(STAMP) qt-libs
	@if ! $(BIN)/python tests/postgres/serve.py --find >/dev/null; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
			echo "Installing PostgreSQL with apt-get ..."; \
			export DEBIAN_FRONTEND=noninteractive; \
			apt-get update -qq && \
			apt-get install -y -qq --no-install-recommends postgresql >/dev/null || { \
				echo "apt-get could not install PostgreSQL; install the package postgresql," \
					"or put initdb and pg_ctl on the PATH, then try again." >&2; exit 1; }; \
		else \
			echo "PostgreSQL is missing; install it first with:" >&2; \
			echo "  sudo apt-get install -y postgresql" >&2; exit 1; \
		fi; fi
	@$(BIN)/python -m pip install -qq -c constraints.txt -e '.[team,test]'
	@QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} $(BIN)/python tests/postgres/serve.py \
		$(BIN)/python -m pytest -s -o faulthandler_timeout=1800 \
		tests/postgres tests/store/test_server.py

bench-ui: $(STAMP) qt-libs
	$(BIN)/python tests/bench/ui.py $(BENCH)

pictures: $(STAMP) qt-libs
	$(BIN)/python tests/pictures/draw.py

torture: $(STAMP) qt-libs
	@echo "Some hours; TORTURE='--kills 20 --engines 4 --disks 3 --seed 7' makes it shorter."
	@$(BIN)/python tests/torture/torture.py $(TORTURE)

adversary: $(STAMP)
	@echo "Some minutes; ADVERSARY='--films 500 --seed 7' makes it shorter, and is the same each time."
	@$(BIN)/python tests/adversary/adversary.py $(ADVERSARY)

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv build dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		.import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
