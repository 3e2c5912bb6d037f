#!/usr/bin/env bash
# pybtex==0.26.1: a chapter with a crossref to its proceedings.
#
# Guessed:   year and title of the book come with the chapter, as in BibTeX itself.
# Happens:   the parsed entry has its own fields only: no year, no booktitle; entry.fields["year"]
#            is a KeyError. The proceedings are an entry of their own.
# Output:    fields of the chapter: crossref, title
# Why it hurts: conference papers have no year and no source in the list that is made from them, and
#               the proceedings count as a record.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "pybtex==0.26.1"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
from pybtex.database import parse_string

library = parse_string(
    "@inproceedings{a, crossref={b}, author={Kim, H}, title={Nets}}\n"
    "@proceedings{b, title={Proc MICCAI}, booktitle={Proc MICCAI}, year=2020}\n",
    "bibtex",
)
fields = dict(library.entries["a"].fields)
print(fields, list(library.entries))
assert sorted(fields) == ["crossref", "title"]
assert len(library.entries) == 2
PYTHON
echo "as described"
