# `make install` once, then any of the others; each of them installs first if it must.
# On a machine without a GPU, PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu saves a large download.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

TOOLS := .venv-tools

.PHONY: help install install-locked demo test test-all test-browser fuzz lint types imports check bench soak trust lock sbom audit

help:
	@echo "make install    create $(VENV) with everything the demo and the tests need"
	@echo "make demo       train a translator for three minutes, translate, read three pictures, score"
	@echo "make test       the default tests        make test-all   the slow ones too"
	@echo "make test-browser    the page of s2s serve in chromium"
	@echo "make check      lint, types, imports, test"
	@echo "make fuzz       a great many damaged and hostile files: models, vocabularies, checkpoints, JSON"
	@echo "make trust      kill and resume runs, fuzz, soak, for as many MINUTES each; writes docs/trust.md"
	@echo "make sbom       a bill of materials of the lock        make audit      known vulnerabilities in it"
	@echo "make bench      measure speed        make soak       a great many inputs: nothing lost, memory flat"

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("s2s needs Python 3.11 or later, not %d.%d; try make PYTHON=python3.11" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

# The same with every file checked against the hashes of the locks. On Linux torch is that of PyTorch's own index, see
# PIP_EXTRA_INDEX_URL above; for that of PyPI, with CUDA: make install-locked TORCH=gpu
TORCH ?= cpu

install-locked:
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock --requirement requirements-$(TORCH).lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

# The three stages from raw text to a score; five lines that no training pair has, and what becomes of them; a line of
# another kind, which is translated too, but reported as unlike the training data; and three pictures, what they say and
# what is read in them by the reader that comes with s2s.
HELD_OUT = from datasets import load_from_disk; print(*load_from_disk("data/phrases")["test"][:5]["source"], sep="\n")

demo: install
	rm -rf data/phrases runs/phrases runs/pictures runs/plots
	$(BIN)/s2s prepare phrases --out data/phrases
	$(BIN)/s2s train translation/phrases --data data/phrases --out runs/phrases
	$(BIN)/python -c '$(HELD_OUT)' > runs/phrases/held-out.txt
	cat runs/phrases/held-out.txt
	$(BIN)/s2s translate runs/phrases runs/phrases/held-out.txt
	echo 'A dog is running in the park.' | $(BIN)/s2s translate runs/phrases
	printf 'OPEN\nfresh coffee\nLibrary\n' > runs/phrases/words.txt
	$(BIN)/s2s render --out runs/pictures --count 3 --seed 3 --text runs/phrases/words.txt
	cut -f 2 runs/pictures/labels.tsv
	$(BIN)/s2s transcribe runs/pictures/images
	$(BIN)/s2s plot runs/phrases "$$(head -n 1 runs/phrases/held-out.txt)" --out runs/plots
	$(BIN)/s2s plot words runs/pictures/images/0000/0000000.jpg --out runs/plots
	$(BIN)/s2s evaluate runs/phrases data/phrases:test --json runs/phrases/test.json

# Files are dealt out to so many processes, of one thread each; `pytest` by itself runs in one, with all cores.
WORKERS ?= 2
TESTS = OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile

test: install
	$(TESTS)

test-all: install
	$(TESTS) -m 'not browser'

test-browser: install
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m browser -rs tests/cli/test_page.py

# What became of the cases is printed, a line a kind. As many of each fuzzer as CASES says: some twenty minutes.
CASES ?= 2000

fuzz: install
	S2S_FUZZ_CASES=$(CASES) $(BIN)/python -m pytest -m fuzz -s --timeout 3600 tests/fuzz

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

imports: install
	$(BIN)/lint-imports

check: lint types imports test

bench: install
	$(BIN)/python -m benchmarks.joeynmt

# After `make demo`, whose translator it uses: 100,000 pictures and 200,000 lines, some twenty minutes.
soak: install
	@test -d runs/phrases/model || { echo "soak needs the translator of the demo: make demo"; exit 2; }
	$(BIN)/python -m benchmarks.soak transcribe
	$(BIN)/python -c 'from datasets import load_from_disk; print(*load_from_disk("data/phrases")["test"]["source"], sep="\n")' > runs/phrases/test.txt
	$(BIN)/python -m benchmarks.soak translate --model runs/phrases --text runs/phrases/test.txt

# MINUTES of each: kills, fuzz, soak; one thread. Records in runs/trust, so a run that is stopped goes on.
MINUTES ?= 20

trust: install
	$(BIN)/python -m benchmarks.trust --minutes $(MINUTES)

$(TOOLS)/.installed: supply/tools.txt
	test -x $(TOOLS)/bin/python || $(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --requirement supply/tools.txt
	@touch $@

# After a change of pyproject.toml or constraints.txt.
lock: install $(TOOLS)/.installed
	$(BIN)/python -m supply.lock $(TOOLS)/bin/uv

sbom: install
	$(BIN)/python -m supply.sbom dist/s2s.cdx.json

audit: install $(TOOLS)/.installed
	@$(BIN)/python -m supply.audit $(TOOLS)/bin/pip-audit
