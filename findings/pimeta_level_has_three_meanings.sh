#!/usr/bin/env bash
# pimeta==1.1.0: the option `level` is a fraction in one function, a per cent value in the next, an
# error probability in the third.
#
# Guessed:   level=0.95 gives a 95 % confidence interval in rma, rma_mv, rma_mh and rma_peto alike.
# Happens:   it does in rma only. rma_mv(level=0.95) gives a 0.95 % interval (its default is 95.0);
#            rma_mh and rma_peto(level=0.95) give a 5 % interval (their default is 0.05).
#            No error, no warning.
# Output:    half widths in standard errors: rma 1.960, rma_mv 0.0119, rma_mh 0.0627, rma_peto 0.0627
# Why it hurts: a script that sets the level once for all its models prints intervals 31 to 165 times
#            too narrow; each pooled effect then looks all but certain.
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

ai, bi, ci, di = [4, 6, 3, 62], [119, 300, 228, 1353], [11, 29, 11, 248], [128, 274, 209, 1261]
yi = np.array([0.10, 0.30, 0.35, 0.65, 0.45, 0.15])
vi = np.array([0.03, 0.03, 0.05, 0.01, 0.05, 0.02])


def half_width(fit):
    low, high, se = (float(np.ravel(getattr(fit, a))[0]) for a in ("ci_lb", "ci_ub", "se"))
    return (high - low) / 2 / se


got = {
    "rma": half_width(pimeta.rma(yi, vi, level=0.95)),
    "rma_mv": half_width(
        pimeta.rma_mv(yi, vi, random="~ 1 | study", data={"study": list("abcdef")}, level=0.95)
    ),
    "rma_mh": half_width(pimeta.rma_mh(ai, bi, ci, di, level=0.95)),
    "rma_peto": half_width(pimeta.rma_peto(ai, bi, ci, di, level=0.95)),
}
print(got)
want = {"rma": 1.959964, "rma_mv": 0.011907, "rma_mh": 0.062707, "rma_peto": 0.062707}
assert all(abs(got[n] - want[n]) < 1e-5 for n in want), got
PYTHON
echo "as described"
