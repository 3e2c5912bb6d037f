#!/usr/bin/env bash
# statsmodels==0.15.0: Table2x2.from_data on two columns of yes and no, or of 1 and 0.
#
# Guessed:   the risk ratio of having the outcome when exposed.
# Happens:   rows and columns are put in alphabetical order, no before yes: the risk ratio is that
#            of not having the outcome when not exposed. The odds ratio is the same either way, so
#            nothing looks wrong.
# Output:    6 of 10 exposed ill, 2 of 10 others: riskratio 2.0 instead of 3.0, oddsratio 6.0
# Why it hurts: with the same table typed in as [[6, 4], [2, 8]] the risk ratio is 3; from the data
#               of the patients it is 2, and both are printed as the risk ratio.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "statsmodels==0.15.0" "scipy==1.17.1" "numpy==2.4.6" "pandas==3.1.1"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
import pandas as pd
from statsmodels.stats.contingency_tables import Table2x2

words = pd.DataFrame(
    {
        "exposed": ["yes"] * 10 + ["no"] * 10,
        "ill": ["yes"] * 6 + ["no"] * 4 + ["yes"] * 2 + ["no"] * 8,
    }
)
typed = Table2x2([[6, 4], [2, 8]])
for data in (words, (words == "yes").astype(int)):
    made = Table2x2.from_data(data)
    print(made.table.tolist(), float(made.riskratio), float(made.oddsratio))
    assert made.table.tolist() == [[8, 2], [4, 6]]
    assert abs(made.riskratio - 2) < 1e-12
    assert abs(made.oddsratio - typed.oddsratio) < 1e-12
assert abs(typed.riskratio - 3) < 1e-12
PYTHON
echo "as described"
