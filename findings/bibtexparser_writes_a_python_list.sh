#!/usr/bin/env bash
# bibtexparser==2.1.0: parse with its middleware for authors, then write.
#
# Guessed:   after SeparateCoAuthors the writer joins the authors with "and" again, or refuses.
# Happens:   the text of the Python list is written into the file; after SplitNameParts the text of
#            the objects. No error, no warning. (The merging middleware must be named when writing.)
# Output:    author = {['Doe, A', 'Roe, B']},
# Why it hurts: the file is valid BibTeX, so every reader takes it: one author called
#            "['Doe, A', 'Roe, B']", in the reference list and as a key for duplicates.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "bibtexparser==2.1.0"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
import bibtexparser
from bibtexparser.middlewares import SeparateCoAuthors, SplitNameParts

source = "@article{a,\n author = {Doe, A and Roe, B},\n title = {T},\n year = 2020\n}\n"
library = bibtexparser.parse_string(source, append_middleware=[SeparateCoAuthors()])
written = bibtexparser.write_string(library)
print(written)
assert "author = {['Doe, A', 'Roe, B']}" in written
library = bibtexparser.parse_string(
    source, append_middleware=[SeparateCoAuthors(), SplitNameParts()]
)
assert "author = {[NameParts(first=['A']" in bibtexparser.write_string(library)
again = bibtexparser.parse_string(written)
assert len(again.entries) == 1
assert again.failed_blocks == []
PYTHON
echo "as described"
