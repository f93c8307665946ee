# `just check` is what must hold before a change lands; .ci/run runs the same recipes in a fresh environment.
# Set up once: python3 -m venv .venv && . .venv/bin/activate && pip install -e '.[dev]'

# List the recipes
default:
    @just --list

# Everything: style, types, layers, tests (file lengths among them) and scenarios
check: style types layers test scenarios compiled

# Lint and formatting
style:
    ruff check .
    ruff format --check .

# Static types
types:
    mypy

# Which room imports which
layers:
    lint-imports

# Tests and doctests; arguments go to pytest
test *arguments:
    pytest -q {{ arguments }}

# The scenario files, as a user would run them
scenarios:
    vpcsim test scenarios

# The batch evaluator again, where numba compiles it
compiled:
    pytest -q tests/evaluate/batch

# The randomized tests on new networks again and again; stops at the first failure
fuzz minutes="10":
    #!/usr/bin/env bash
    set -euo pipefail
    unset CI # where it is set, hypothesis repeats the same examples
    end=$((SECONDS + 60 * {{ minutes }}))
    while ((SECONDS < end)); do
      pytest -q -x tests/properties
    done

# The long run of both outer judges, so many minutes of each: the model by the book and the Linux kernel; writes docs/truth.md
truth minutes="10":
    python -m tests.oracle.truth --minutes {{ minutes }}

# Change the simulator a little, again and again: which tests notice? Modules and options as in tests/mutation/README.md
mutate *arguments:
    python -m tests.mutation {{ arguments }}

# Every benchmark; each prints its table
bench:
    #!/usr/bin/env bash
    set -euo pipefail
    for script in benchmarks/bench_*.py; do
      python "$script"
    done
