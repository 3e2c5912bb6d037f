#!/usr/bin/env bash
# pandas==3.1.1 with xlsxwriter==3.3.1 (the engine that to_excel takes where it is installed): a list
# of 66,000 records with a DOI link each.
#
# Guessed:   a sheet can hold 65,530 links; further addresses are written as plain text.
# Happens:   they are not written at all: the cells are empty. One warning per lost cell is given.
#            The same frame written with engine="openpyxl" keeps all 66,000.
# Output:    xlsxwriter: 470 of 66,000 addresses missing, all at the end; openpyxl: none
# Why it hurts: a large search has 66,000 records before duplicates are removed; the links of the
#            database that was appended last are gone, and with them the only identifier.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "pandas==3.1.1" "xlsxwriter==3.3.1" "openpyxl==3.1.5" "python-calamine==0.9.1"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
import warnings

import pandas as pd

n = 66_000
frame = pd.DataFrame({"id": range(n), "url": [f"https://doi.org/10.1000/{i:06d}" for i in range(n)]})
missing = {}
for engine in (None, "openpyxl"):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        frame.to_excel("records.xlsx", index=False, engine=engine)
    back = pd.read_excel("records.xlsx", engine="calamine")
    missing[engine] = (len(back), int(back["url"].isna().sum()), len(said))
    if engine is None:
        assert back["url"].isna().to_numpy().nonzero()[0].min() == 65_530
print(missing)
assert missing == {None: (n, 470, 470), "openpyxl": (n, 0, 0)}
PYTHON
echo "as described"
