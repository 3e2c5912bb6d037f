#!/usr/bin/env bash
# scipy==1.17.1: combine_pvalues takes weights with every method and uses them with one.
#
# Guessed:   weights with method="fisher" (the default method) are refused.
# Happens:   they are ignored with fisher, pearson, mudholkar_george and tippett; only
#            method="stouffer" uses them (so the documentation; the call says nothing).
# Output:    fisher with weights (1, 1, 1) and (100, 1, 1): p = 0.02156 both times;
#            stouffer: 0.0165 and 0.0096
# Why it hurts: where only p values were reported, trials are weighted by their size; a call without
#            method= prints the unweighted answer and looks as if the weights did not matter.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "scipy==1.17.1" "numpy==2.4.6"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
from scipy.stats import combine_pvalues

p = [0.01, 0.20, 0.30]
for method in ("fisher", "pearson", "mudholkar_george", "tippett", "stouffer"):
    even = combine_pvalues(p, method=method, weights=[1, 1, 1]).pvalue
    heavy = combine_pvalues(p, method=method, weights=[100, 1, 1]).pvalue
    print(method, even, heavy)
    assert (even == heavy) == (method != "stouffer"), method
PYTHON
echo "as described"
