#!/usr/bin/env bash
# formulaic==1.2.2 with pandas==3.1.1: a column of the type "string", as convert_dtypes() and
# read_csv(dtype="string") of the last years make it.
#
# Guessed:   words are groups, and the column becomes one of 0 and 1 per group, as with the type
#            str.
# Happens:   the column is taken for numbers: the model matrix has one column x that holds the words
#            themselves. The type str, the default of pandas 3, works. No error, no warning, until
#            somebody computes with the matrix.
# Output:    str: Intercept, x[T.b]; string: Intercept, x with the values a, b, a
# Why it hurts: the type of a column depends on how a table was read; a meta-regression fails with
#               "could not convert string to float: a", far from the cause, for the same words that
#               worked yesterday.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "formulaic==1.2.2" "pandas==3.1.1" "numpy==2.4.6" "scipy==1.17.1"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
import pandas as pd
from formulaic import model_matrix

made = {}
for kind in ("str", "string"):
    made[kind] = model_matrix("x", pd.DataFrame({"x": pd.Series(["a", "b", "a"], dtype=kind)}))
    print(kind, list(made[kind].columns), made[kind].values.tolist())
assert list(made["str"].columns) == ["Intercept", "x[T.b]"]
assert list(made["string"].columns) == ["Intercept", "x"]
assert made["string"]["x"].tolist() == ["a", "b", "a"]
PYTHON
echo "as described"
