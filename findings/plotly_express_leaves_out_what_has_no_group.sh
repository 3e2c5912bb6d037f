#!/usr/bin/env bash
# plotly==7.1.0: rows whose group is missing, in figures coloured by group.
#
# Guessed:   drawn, in a colour of their own or without one.
# Happens:   left out of scatter, bar, box, line and histogram, without a word, whether color,
#            symbol or facet_col names the column. px.pie keeps them.
# Output:    3 rows, groups a, missing and b: 2 points drawn
# Why it hurts: studies that do not state their modality or design vanish from the figure; the n of
#               the figure is not that of the table.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "plotly==7.1.0" "pandas==3.1.1" "numpy==2.4.6"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
import pandas as pd
import plotly.express as px

data = pd.DataFrame({"x": [1, 2, 3], "y": [1, 2, 3], "g": ["a", None, "b"]})
drawn = {
    f"{draw.__name__} {by}": sum(len(trace.x) for trace in draw(data, x="x", y="y", **{by: "g"}).data)
    for draw, by in (
        (px.scatter, "color"), (px.scatter, "symbol"), (px.scatter, "facet_col"), (px.bar, "color"),
        (px.box, "color"), (px.line, "color"),
    )
}
print(drawn, [len(t.labels) for t in px.pie(data, names="g", values="y").data])
assert set(drawn.values()) == {2}
assert len(px.pie(data, names="g", values="y").data[0].labels) == 3
PYTHON
echo "as described"
