#!/usr/bin/env bash
# statsmodels==0.15.0: proportion_confint(method="jeffreys") without events, or with nothing else.
#
# Guessed:   from 0 for no event, to 1 for all, as Brown, Cai and DasGupta (2001) define the
#            interval.
# Happens:   both limits are quantiles of the beta distribution: the interval of 0 of 20 begins
#            above 0, that of 20 of 20 ends below 1. The estimate lies outside of it.
# Output:    0 of 20: 0.0000242 to 0.1166; 20 of 20: 0.8834 to 0.9999758
# Why it hurts: a plot of estimates with error bars gets a negative length, and a check that the
#               estimate lies within its limits fails for every rare event.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "statsmodels==0.15.0" "scipy==1.17.1" "numpy==2.4.6" "pandas==3.1.1"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
from statsmodels.stats.proportion import proportion_confint

low, high = (float(x) for x in proportion_confint(0, 20, method="jeffreys"))
print(low, high, proportion_confint(20, 20, method="jeffreys"))
assert 0 < low < 1e-4
assert float(proportion_confint(20, 20, method="jeffreys")[1]) < 1
assert float(proportion_confint(0, 20, method="beta")[0]) == 0
assert float(proportion_confint(0, 20, method="wilson")[0]) == 0
PYTHON
echo "as described"
