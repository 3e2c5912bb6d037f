#!/usr/bin/env bash
# asreview==3.0.8: load_dataset returns a project database; its records hang on that object.
#
# Guessed:   load_dataset(file).input.get_records() is the same as first naming the project.
# Happens:   the records are there while the project has a name; in one expression, or when only its
#            part `input` is kept, the tables are gone.
# Output:    1 record; then sqlite3.OperationalError: no such table: record
# Why it hurts: a function that reads a file and returns project.input works nowhere; the message
#            speaks of a broken file, and the user exports the search again.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "asreview==3.0.8"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
from pathlib import Path

from asreview import load_dataset

Path("records.csv").write_text("title,abstract\nNetworks for scans,We test networks.\n")
project = load_dataset("records.csv")
assert len(project.input.get_records()) == 1
try:
    load_dataset("records.csv").input.get_records()
except Exception as error:  # the class belongs to the database layer
    print(type(error).__name__, str(error).splitlines()[0])
    assert "no such table: record" in str(error)
else:
    raise SystemExit("the records are there")
PYTHON
echo "as described"
