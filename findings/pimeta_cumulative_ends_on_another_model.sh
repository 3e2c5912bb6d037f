#!/usr/bin/env bash
# pimeta==1.1.0: with default options cumul() fits DerSimonian-Laird, rma() and leave1out() REML.
#
# Guessed:   the last row of the cumulative meta-analysis, which holds all studies, is the pooled
#            result of rma() on the same data.
# Happens:   it is the DerSimonian-Laird result; rma and leave1out use REML.
# Output:    rma 0.34634 (tau2 0.03314); last row of cumul 0.34425 (tau2 0.03979)
# Why it hurts: a cumulative plot ends on a diamond that is not the diamond of the forest plot beside
#            it, and neither the result nor the plot names the estimator.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "pimeta==1.1.0" "numpy==2.4.6" "scipy==1.17.1" "pandas==3.1.1"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
import numpy as np
import pimeta

yi = np.array([0.10, 0.30, 0.35, 0.65, 0.45, 0.15])
vi = np.array([0.03, 0.03, 0.05, 0.01, 0.05, 0.02])
fit, steps = pimeta.rma(yi, vi), pimeta.cumul(yi, vi)
pooled = float(np.ravel(fit.b)[0])
last = float(steps.estimate[-1])
print("rma", pooled, float(fit.tau2), "| last row of cumul", last, float(steps.tau2[-1]))
assert steps.k[-1] == len(yi)
assert abs(pooled - 0.346336) < 1e-5
assert abs(last - 0.344250) < 1e-5
assert abs(float(steps.tau2[-1]) - float(pimeta.rma(yi, vi, method="DL").tau2)) < 1e-12
# leave1out with the same defaults does use REML.
left = pimeta.leave1out(yi, vi).estimate[0]
assert abs(left - float(np.ravel(pimeta.rma(yi[1:], vi[1:]).b)[0])) < 1e-8
assert abs(left - float(np.ravel(pimeta.rma(yi[1:], vi[1:], method="DL").b)[0])) > 1e-4
PYTHON
echo "as described"
