#!/usr/bin/env bash
# asreview==3.0.8 on the spreadsheet columns of Web of Science (Article Title) and of IEEE Xplore
# (Document Title).
#
# Guessed:   the title columns of the two large databases are known, or the file is refused for want
#            of a title.
# Happens:   the file is loaded with empty titles, as long as a column Abstract is there. Records
#            without an abstract are then all alike: the second is marked a duplicate of the first,
#            although their titles and DOIs differ. No error, no warning.
# Output:    titles ['', ''], duplicate_of [None, 0]
# Why it hurts: the model learns from abstracts only, the screener sees nothing but abstracts, and
#            all records without an abstract are put into one group, as copies of a paper on something
#            else.
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

for heading in ("Article Title", "Document Title"):
    Path("records.csv").write_text(
        f"Authors,{heading},Abstract,Publication Year,DOI\n"
        '"Doe, A",Networks for scans,,2022,10.1000/a\n'
        '"Roe, B",Kidney transplant outcomes,,2020,10.1000/b\n'
    )
    project = load_dataset("records.csv")
    records = list(project.input.get_records())
    print(heading, [(r.title, r.doi, r.duplicate_of) for r in records])
    assert [r.title for r in records] == ["", ""]
    assert [r.doi for r in records] == ["10.1000/a", "10.1000/b"]
    assert [r.duplicate_of for r in records] == [None, 0]
    assert records[0].group_id == records[1].group_id
PYTHON
echo "as described"
