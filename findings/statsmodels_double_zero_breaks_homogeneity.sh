#!/usr/bin/env bash
# statsmodels==0.15.0: StratifiedTable with one study without events in either arm.
#
# Guessed:   such a study carries no information on the odds ratio, so that all results stay as they
#            are without it: pooled odds ratio, test of no effect, test of equal odds ratios.
# Happens:   the first two stay to the last digit; the test of equal odds ratios (Breslow-Day, with
#            or without Tarone's adjustment) becomes nan for all studies together.
# Output:    without: p 0.3288; with the empty study: nan (divide by zero in a RuntimeWarning)
# Why it hurts: trials of rare harms hold double zeros as a rule; the one number that says whether
#            they agree is gone, while the numbers around it look sound.
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

import numpy as np
from statsmodels.stats.contingency_tables import StratifiedTable

two = [np.array([[4, 119], [11, 128]]), np.array([[6, 300], [29, 274]])]
without = StratifiedTable(two)
with_empty = StratifiedTable([*two, np.array([[0, 50], [0, 60]])])
for fit in (without, with_empty):
    print(fit.oddsratio_pooled, fit.test_null_odds().pvalue, fit.test_equal_odds().pvalue)
assert math.isclose(without.oddsratio_pooled, with_empty.oddsratio_pooled, rel_tol=1e-12)
assert math.isclose(
    without.test_null_odds().pvalue, with_empty.test_null_odds().pvalue, rel_tol=1e-9
)
assert abs(without.test_equal_odds().pvalue - 0.328848) < 1e-5
assert math.isnan(with_empty.test_equal_odds().pvalue)
assert math.isnan(with_empty.test_equal_odds(adjust=True).pvalue)
PYTHON
echo "as described"
