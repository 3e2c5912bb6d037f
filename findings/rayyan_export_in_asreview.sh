#!/usr/bin/env bash
# asreview==3.0.8 on the CSV that Rayyan exports after screening.
#
# Guessed:   the authors are a list, and what was decided in Rayyan is a label.
# Happens:   authors are joined by "and" there: all of them become one author. The decisions stand
#            in the column notes and are not read: every record is unlabelled. The journal is
#            dropped. No warning.
# Output:    authors ['Kim, H and Lee, J'], included None
# Why it hurts: a screening that was begun in Rayyan starts again from nothing in ASReview, and the
#               tables of authors are wrong.
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

Path("articles.csv").write_text(
    "key,title,year,month,day,journal,issn,volume,issue,pages,authors,url,language,publisher,"
    "location,abstract,notes,doi,keywords,pubmed_id,pmc_id\n"
    'r1,Nets for scans,2022,4,13,BMC Imaging,1,2,3,4,"Kim, H and Lee, J",http://x.org,eng,P,,'
    'Text,"RAYYAN-INCLUSION: {""Ann""=>""Included""}",10.1000/a,k,1,\n'
)
project = load_dataset("articles.csv")
(record,) = project.input.get_records()
print(record.authors, record.included, record.year, record.doi)
assert record.authors == ["Kim, H and Lee, J"]
assert record.included is None
assert (record.year, record.doi) == (2022, "10.1000/a")
PYTHON
echo "as described"
