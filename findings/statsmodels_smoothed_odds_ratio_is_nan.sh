#!/usr/bin/env bash
# statsmodels==0.15.0: the smoothed interval of the odds ratio does not smooth away an empty column.
#
# Guessed:   method="logit-smoothed" of confint_proportions_2indep adds something to every cell, as
#            "logit-adjusted" adds 0.5, and so is finite for 0 of 20 against 0 of 20.
# Happens:   the weight added to a cell is proportional to the margins, so that a margin of zero stays
#            zero: nan to nan. With 5 of 20 against 0 of 20 the upper limit is 15306 (adjusted: 283).
# Output:    smoothed (nan, nan), adjusted (0.019, 52.8)
# Why it hurts: of the methods for sparse tables this one fails exactly where the table is sparsest;
#            which studies are lost is decided by the choice of a method, not by the protocol.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "statsmodels==0.15.0" "numpy==2.4.6" "scipy==1.17.1" "pandas==3.1.1"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
import math

from statsmodels.stats.proportion import confint_proportions_2indep


def interval(x1, x2, method):
    return confint_proportions_2indep(x1, 20, x2, 20, compare="odds-ratio", method=method)


smoothed, adjusted = interval(0, 0, "logit-smoothed"), interval(0, 0, "logit-adjusted")
print(smoothed, adjusted, interval(5, 0, "logit-smoothed"), interval(5, 0, "logit-adjusted"))
assert all(math.isnan(limit) for limit in smoothed)
assert abs(adjusted[0] - 0.018922) < 1e-5
assert abs(interval(5, 0, "logit-smoothed")[1] / 15306.41 - 1) < 1e-4
assert abs(interval(5, 0, "logit-adjusted")[1] / 283.370 - 1) < 1e-4
PYTHON
echo "as described"
