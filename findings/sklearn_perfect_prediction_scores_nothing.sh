#!/usr/bin/env bash
# scikit-learn==1.9.1: measures of agreement where every case belongs to one class and is
# predicted so.
#
# Guessed:   1 for a prediction without any error, or nan for all of them.
# Happens:   matthews_corrcoef is 0.0, the value of guessing; cohen_kappa_score is nan;
#            balanced_accuracy_score 1.0 and with adjusted=True nan; f1_score 1.0; roc_auc_score nan
#            (an error in earlier versions).
# Output:    0.0, nan, 1.0, nan, 1.0, nan
# Why it hurts: in a table by hospital or subgroup the one that made no error gets the worst
#               coefficient, and counts as 0 in its mean.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "scikit-learn==1.9.1" "scipy==1.17.1" "numpy==2.4.6"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
import math

from sklearn.metrics import (
    balanced_accuracy_score,
    cohen_kappa_score,
    f1_score,
    matthews_corrcoef,
    roc_auc_score,
)

y = [1, 1, 1, 1]
found = [
    float(x)
    for x in (
        matthews_corrcoef(y, y),
        cohen_kappa_score(y, y),
        balanced_accuracy_score(y, y),
        balanced_accuracy_score(y, y, adjusted=True),
        f1_score(y, y),
        roc_auc_score(y, [0.6, 0.7, 0.8, 0.9]),
    )
]
print(found)
assert found[0] == 0
assert found[2] == found[4] == 1
assert all(math.isnan(found[i]) for i in (1, 3, 5))
PYTHON
echo "as described"
