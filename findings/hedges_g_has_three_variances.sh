#!/usr/bin/env bash
# PyMARE==0.0.13, PyMetaAnalysis==0.9.0, statsmodels==0.15.0: the variance of one Hedges' g.
#
# Guessed:   from the same means, standard deviations and sizes all give 1/n1 + 1/n2 + g^2/(2N), as
#            metafor does by default.
# Happens:   three values. PyMetaAnalysis is that formula; statsmodels divides g^2 by 2(N - 3.94);
#            PyMARE multiplies all of it by the squared small-sample factor.
# Output:    g 0.709, 0.708, 0.709; variance PyMARE 0.3577, PyMetaAnalysis 0.4251, statsmodels 0.4414
# Why it hurts: g agrees to three digits, so the data seem to be read alike, but with five animals in
#            a group the variance of PyMARE is 16 % below that of PyMetaAnalysis, and tau2 takes up the rest.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "PyMARE==0.0.13" "PyMetaAnalysis==0.9.0" "statsmodels==0.15.0" "numpy==2.4.6" "scipy==1.17.1" "pandas==3.1.1"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
import numpy as np
import meta_analyze
from pymare.effectsize import TwoSampleEffectSizeConverter
from statsmodels.stats.meta_analysis import effectsize_smd

m1, sd1, n1, m2, sd2, n2 = 10.0, 2.0, 5, 8.0, 3.0, 5
both = [np.array([float(x)] * 2) for x in (m1, sd1, n1, m2, sd2, n2)]
g, v = {}, {}
effect, variance = effectsize_smd(*both)
g["statsmodels"], v["statsmodels"] = effect[0], variance[0]
names = ("m1", "sd1", "n1", "m2", "sd2", "n2")
data = TwoSampleEffectSizeConverter(**dict(zip(names, both))).to_dataset(measure="SMD")
g["PyMARE"], v["PyMARE"] = float(data.y[0, 0]), float(data.v[0, 0])
# Two equal studies under the common-effect model: the variance of one is twice that of the pooled.
keys = ("mean_treat", "sd_treat", "n_treat", "mean_control", "sd_control", "n_control")
fit = meta_analyze.meta_continuous(
    **{key: list(x) for key, x in zip(keys, both)}, measure="SMD", model="common"
)
g["PyMetaAnalysis"], v["PyMetaAnalysis"] = fit.estimate, 2 * fit.standard_error**2
print(g, v)
size = n1 + n2
plain = 1 / n1 + 1 / n2
assert max(g.values()) - min(g.values()) < 0.002
assert abs(v["PyMetaAnalysis"] - (plain + g["PyMetaAnalysis"] ** 2 / (2 * size))) < 1e-9
assert abs(v["statsmodels"] - (plain + g["statsmodels"] ** 2 / (2 * (size - 3.94)))) < 1e-9
factor = 1 - 3 / (4 * (size - 2) - 1)
raw = g["PyMARE"] / factor
assert abs(v["PyMARE"] - factor**2 * (plain + raw**2 / (2 * (size - 2)))) < 1e-9
assert v["PyMARE"] < 0.85 * v["PyMetaAnalysis"]
PYTHON
echo "as described"
