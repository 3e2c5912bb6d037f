#!/usr/bin/env bash
# scipy==1.17.1: the interval of a relative risk or odds ratio with an empty cell.
#
# Guessed:   from 0 to a number or to infinity, or an error.
# Happens:   no event among the exposed: 0 to nan; none among the others: nan to infinity. The same
#            for odds_ratio(kind="sample"), while the conditional odds ratio has a finite limit.
# Output:    relative_risk(0, 20, 3, 20): (0, nan); relative_risk(3, 20, 0, 20): (nan, inf);
#            conditional odds ratio: (0, 2.31)
# Why it hurts: the estimate 0 looks fine and has a lower limit; the missing upper one becomes an
#               empty cell or an open-ended bar in a forest plot.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "scipy==1.17.1" "numpy==2.4.6"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
import math

from scipy.stats.contingency import odds_ratio, relative_risk

none = relative_risk(0, 20, 3, 20)
other = relative_risk(3, 20, 0, 20)
sample = odds_ratio([[0, 20], [3, 17]], kind="sample").confidence_interval()
conditional = odds_ratio([[0, 20], [3, 17]]).confidence_interval()
print(none.confidence_interval(), other.confidence_interval(), sample, conditional)
assert none.relative_risk == 0
assert none.confidence_interval().low == 0
assert math.isnan(none.confidence_interval().high)
assert math.isnan(other.confidence_interval().low)
assert math.isinf(other.confidence_interval().high)
assert math.isnan(sample.high)
assert math.isfinite(conditional.high)
PYTHON
echo "as described"
