#!/usr/bin/env bash
# statsmodels==0.15.0: the score interval of a risk ratio where everyone in both arms has the event.
#
# Guessed:   with 20 of 20 against 20 of 20 the interval surrounds 1 and is the same after exchanging
#            the arms, that is (1/u, u); or it is refused.
# Happens:   two complex numbers come back, about 1 + 2e-8j and 1.197 + 0j: the interval lies on one
#            side of 1 only, though the data are symmetric. No error.
# Output:    (1+2.2e-08j, 1.197+0j)
# Why it hurts: success rates of 100 % in both arms are common (device, vaccine and accuracy
#            studies). A comparison or a plot takes the real part, and the arm that is named first
#            never looks worse.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "statsmodels==0.15.0" "numpy==2.4.6" "scipy==1.17.1" "pandas==3.1.1"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
import numpy as np
from statsmodels.stats.proportion import confint_proportions_2indep

low, high = confint_proportions_2indep(20, 20, 20, 20, compare="ratio", method="score")
print(low, high)
assert np.iscomplexobj(low)
assert np.iscomplexobj(high)
assert abs(low.real - 1) < 1e-6
assert abs(high.real - 1.196998) < 1e-5
PYTHON
echo "as described"
