#!/usr/bin/env bash
# krippendorff==0.9.0: the same ratings give another alpha as counts than as ratings.
#
# Guessed:   alpha(value_counts=...) at interval or ratio level needs the values of the columns and
#            refuses to work without value_domain.
# Happens:   it takes the columns to be 0, 1, 2, ... With ratings from 1 to 3 the ratio alpha is
#            wrong; with values 1, 2, 10 the interval alpha is wrong too. No warning.
# Output:    ratio 0.6615 from counts, 0.7072 from the ratings; interval (1, 2, 10) 0.7067 against 0.5153
# Why it hurts: tables of counts (subjects by categories) are what reviews publish; recomputing the
#            published alpha from its own table fails and the fault seems to be in the published number.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "krippendorff==0.9.0" "numpy==2.4.6"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
import krippendorff
import numpy as np

counts = np.array([[3, 0, 0], [2, 1, 0], [0, 3, 0], [0, 1, 2]])


def ratings(values):
    return np.array([np.repeat(values, row) for row in counts], dtype=float).T


def pair(level, values):
    return (
        krippendorff.alpha(value_counts=counts, level_of_measurement=level),
        krippendorff.alpha(reliability_data=ratings(values), level_of_measurement=level),
    )


ratio, interval, same = pair("ratio", [1, 2, 3]), pair("interval", [1, 2, 10]), pair("interval", [1, 2, 3])
print("ratio", ratio, "interval 1, 2, 10", interval, "interval 1, 2, 3", same)
assert abs(ratio[0] - 0.661538) < 1e-5
assert abs(ratio[1] - 0.707241) < 1e-5
assert abs(interval[0] - interval[1]) > 0.05
assert abs(same[0] - same[1]) < 1e-12
PYTHON
echo "as described"
