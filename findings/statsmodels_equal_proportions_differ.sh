#!/usr/bin/env bash
# statsmodels==0.15.0: test_proportions_2indep of two groups with the same proportion, 0 or 1.
#
# Guessed:   p = 1, or nan: the proportions are equal.
# Happens:   by default two events are added to each group (Agresti and Caffo), whatever its size:
#            the smaller group gets the larger proportion. 0 of 10 against 0 of 200 has p = 0.33, 1
#            of 10 against 2 of 20 p = 0.82. The Wald and the score test of no events give nan.
# Output:    0/10 v 0/20: 0.678; 0/10 v 0/200: 0.327; 1/10 v 2/20: 0.816; wald and score nan
# Why it hurts: groups without any difference get p-values that fall with the imbalance of their
#               sizes, as in a table of rare adverse events.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "statsmodels==0.15.0" "scipy==1.17.1" "numpy==2.4.6" "pandas==3.1.1"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
import math

from statsmodels.stats.proportion import test_proportions_2indep as test

pairs = [(0, 10, 0, 20), (0, 10, 0, 200), (1, 10, 2, 20)]
found = [float(test(*pair).pvalue) for pair in pairs]
print(found)
assert [round(p, 3) for p in found] == [0.678, 0.327, 0.816]
assert all(math.isnan(test(0, 10, 0, 20, method=m).pvalue) for m in ("wald", "score"))
PYTHON
echo "as described"
