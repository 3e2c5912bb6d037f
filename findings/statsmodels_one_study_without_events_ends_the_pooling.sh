#!/usr/bin/env bash
# statsmodels==0.15.0: risk differences with effectsize_2proportions, pooled by combine_effects,
# where one study has no event in either arm.
#
# Guessed:   the study gets a variance above 0 by a correction, or is left out, or an error is
#            raised.
# Happens:   its difference is 0 and its variance 0, its weight infinite: common and random effect,
#            tau2 and all weights are nan. No error; a division by zero may be warned of.
# Output:    variances 0, 0.0071, 0.0063; mean_effect_fe, mean_effect_re and tau2 nan
# Why it hurts: one study of rare events wipes out the pooled result of all others, and the effects
#               themselves look well.
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

import numpy as np
from statsmodels.stats.meta_analysis import combine_effects, effectsize_2proportions

effect, variance = effectsize_2proportions(
    np.array([0, 5, 8]), np.array([20, 40, 50]), np.array([0, 9, 12]), np.array([22, 40, 50]),
    statistic="diff",
)
pooled = combine_effects(effect, variance)
print(effect, variance, pooled.mean_effect_fe, pooled.mean_effect_re, pooled.tau2)
assert effect[0] == variance[0] == 0
assert all(math.isnan(x) for x in (pooled.mean_effect_fe, pooled.mean_effect_re, pooled.tau2))
rest = combine_effects(effect[1:], variance[1:])
assert math.isfinite(rest.mean_effect_fe)
PYTHON
echo "as described"
