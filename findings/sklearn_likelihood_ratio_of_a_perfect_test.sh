#!/usr/bin/env bash
# scikit-learn==1.9.1: class_likelihood_ratios of a test without false positives.
#
# Guessed:   the positive likelihood ratio is infinite, as sensitivity / 0 is.
# Happens:   it is nan, with a warning; the option replace_undefined_by has to name a number.
# Output:    no false positive: (nan, 0.5); no error at all: (nan, 0.0)
# Why it hurts: the best tests of a comparison have no ratio at all: means and ranks of the others
#               are taken as if they had not been tested.
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

from sklearn.metrics import class_likelihood_ratios

some = [float(x) for x in class_likelihood_ratios([0, 0, 1, 1], [0, 0, 1, 0])]
none = [float(x) for x in class_likelihood_ratios([0, 0, 1, 1], [0, 0, 1, 1])]
print(some, none)
assert math.isnan(some[0])
assert some[1] == 0.5
assert math.isnan(none[0])
assert none[1] == 0
PYTHON
echo "as described"
