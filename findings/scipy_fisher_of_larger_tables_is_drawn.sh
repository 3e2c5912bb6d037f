#!/usr/bin/env bash
# scipy==1.17.1: fisher_exact of a table larger than 2 x 2.
#
# Guessed:   the exact p-value, the same on every call; or an error, as in earlier versions.
# Happens:   by default it is estimated from 9,999 tables drawn at random, without a seed: each call
#            gives another p-value. No word of it in the result, which has the same form as the
#            exact one of 2 x 2.
# Output:    two of 0.0539 to 0.0589 in successive runs, where the exact value is 0.0571
# Why it hurts: a p-value near 0.05 is significant in the draft and not in the revision, and a
#               function called exact is quoted as exact in the methods.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "scipy==1.17.1" "numpy==2.4.6"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
import itertools
import math

from scipy.stats import fisher_exact

table = [[3, 0, 1], [0, 3, 1]]


def chance(row, columns):
    ways = math.prod(math.comb(c, x) for c, x in zip(columns, row))
    return ways / math.comb(sum(columns), sum(row))


columns = [sum(c) for c in zip(*table)]
tables = [r for r in itertools.product(*(range(c + 1) for c in columns)) if sum(r) == sum(table[0])]
limit = chance(table[0], columns) * (1 + 1e-9)
exact = sum(p for r in tables if (p := chance(r, columns)) <= limit)
drawn = {float(fisher_exact(table).pvalue) for _ in range(6)}
print(exact, sorted(drawn))
assert abs(exact - 2 / 35) < 1e-12
assert len(drawn) > 1
assert all(abs(p * 10_000 - round(p * 10_000)) < 1e-6 for p in drawn)
assert len({float(fisher_exact([[3, 1], [1, 3]]).pvalue) for _ in range(3)}) == 1
PYTHON
echo "as described"
