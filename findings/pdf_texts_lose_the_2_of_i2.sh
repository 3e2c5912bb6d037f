#!/usr/bin/env bash
# pdfplumber==0.11.10 (pdfminer.six==20260107) on a PDF with I2, CO2 and numbered references as
# raised or lowered figures.
#
# Guessed:   "I2 = 45%" and "CO2 was 40", or the figure a blank apart.
# Happens:   pdfplumber puts raised and lowered figures onto lines of their own, above or below: "I
#            = 45%", "CO was 40". pdfminer keeps the raised ones in place, glued to the number
#            before them (an odds ratio of 2.5 with reference 4 reads 2.54), and moves the lowered
#            one, with all that follows it, behind the next paragraphs.
# Output:    pdfplumber: '3 2', 'I = 45%'; pdfminer: 'ratio 2.54 (95% CI 1.2 to 5.1)', 'CO' and
#            later '2', 'was 40.'
# Why it hurts: whoever looks for I2 = in reports does not find it, and whoever takes numbers from
#               them takes 2.54, which no check of digits will notice.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "pdfplumber==0.11.10" "reportlab==5.1.0"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
import pdfplumber
from pdfminer.high_level import extract_text
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate

style = getSampleStyleSheet()["Normal"]
texts = (
    "Heterogeneity was moderate (I<super>2</super> = 45%). The CO<sub>2</sub> was 40.",
    "The odds ratio was 2.5<super>4</super> (95% CI 1.2 to 5.1).",
)
SimpleDocTemplate("report.pdf").build([Paragraph(t, style) for t in texts])
with pdfplumber.open("report.pdf") as report:
    plumber = report.pages[0].extract_text()
miner = extract_text("report.pdf")
print(repr(plumber), repr(miner))
assert "(I = 45%). The CO was 40" in plumber
assert "ratio was 2.5 (95%" in plumber
assert "(I2 = 45%). The CO\n" in miner
assert "ratio was 2.54 (95%" in miner
assert miner.index("was 40") > miner.index("5.1")
PYTHON
echo "as described"
