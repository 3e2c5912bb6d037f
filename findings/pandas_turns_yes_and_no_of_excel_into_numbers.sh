#!/usr/bin/env bash
# pandas==3.1.1, openpyxl==3.1.5: a column of TRUE and FALSE with an empty cell, from a workbook
# and from CSV.
#
# Guessed:   True, False and a missing value from both.
# Happens:   read_csv gives True, nan, False; read_excel gives 1.0, nan, 0.0, a column of numbers.
#            Without the empty cell both give True and False.
# Output:    excel [1.0, nan, 0.0], csv [True, nan, False]
# Why it hurts: `column == True` still works, but a check for the words yes and no, a table of
#               counts and a codebook of two categories see the numbers 1.0 and 0.0, as soon as one
#               coder leaves one cell empty.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "pandas==3.1.1" "openpyxl==3.1.5" "numpy==2.4.6"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
import io
import math

import openpyxl
import pandas as pd

book = openpyxl.Workbook()
for row in (["study", "blinded"], ["a", True], ["b", None], ["c", False]):
    book.active.append(row)
book.save("form.xlsx")
excel = pd.read_excel("form.xlsx")["blinded"].tolist()
text = pd.read_csv(io.StringIO("study,blinded\na,True\nb,\nc,False\n"))["blinded"].tolist()
print(excel, text)
assert [type(x) for x in excel] == [float] * 3
assert (excel[0], excel[2]) == (1, 0)
assert math.isnan(excel[1])
assert text[0] is True
assert text[2] is False
PYTHON
echo "as described"
