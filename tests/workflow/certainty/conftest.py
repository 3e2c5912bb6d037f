"""The trials of BCG vaccine against tuberculosis (Colditz et al. 1994, JAMA 271:698)."""

from __future__ import annotations

import pytest

from review.project import open_review

TRIALS = """study_id,first_author,year,title,tpos,tneg,cpos,cneg
aronson1948,Aronson,1948,Trial 1,4,119,11,128
ferguson1949,Ferguson,1949,Trial 2,6,300,29,274
rosenthal1960,Rosenthal,1960,Trial 3,3,228,11,209
hart1977,Hart,1977,Trial 4,62,13536,248,12619
frimodt1973,Frimodt-Moller,1973,Trial 5,33,5036,47,5761
stein1953,Stein,1953,Trial 6,180,1361,372,1079
vandiviere1973,Vandiviere,1973,Trial 7,8,2537,10,619
madras1980,TPT Madras,1980,Trial 8,505,87886,499,87892
coetzee1968,Coetzee,1968,Trial 9,29,7470,45,7232
rosenthal1961,Rosenthal,1961,Trial 10,17,1699,65,1600
comstock1974,Comstock,1974,Trial 11,186,50448,141,27197
comstock1969,Comstock,1969,Trial 12,5,2493,3,2338
comstock1976,Comstock,1976,Trial 13,27,16886,29,17825
"""
COUNTS = ("tpos", "tneg", "cpos", "cneg")
SETTINGS = """title = "BCG vaccine against tuberculosis"
[[meta]]
name = "tb"
title = "Tuberculosis"
measure = "RR"
test = "z"
columns = { ai = "tpos", bi = "tneg", ci = "cpos", di = "cneg" }
"""
# how patients were allocated, as the meta-analysis has it: at random, or otherwise
RANDOM = ("aronson1948", "ferguson1949", "rosenthal1960", "hart1977", "vandiviere1973",
          "madras1980", "coetzee1968")  # fmt: skip


@pytest.fixture(name="folder")
def _folder(tmp_path):
    folder = tmp_path / "bcg"
    folder.mkdir()
    (folder / "review.toml").write_text(SETTINGS, encoding="utf-8")
    variables = (f'[[variable]]\nname = "{n}"\ntype = "integer"\n' for n in COUNTS)
    (folder / "codebook.toml").write_text("".join(variables), encoding="utf-8")
    (folder / "studies.csv").write_text(TRIALS, encoding="utf-8")
    ids = [line.partition(",")[0] for line in TRIALS.splitlines()[1:]]
    rows = [f"{i},RoB 2,overall,{'Low' if i in RANDOM else 'High'}" for i in ids]
    text = "study_id,tool,domain,judgement\n" + "\n".join(rows) + "\n"
    (folder / "risk_of_bias.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(name="bcg")
def _bcg(folder):
    return lambda: open_review(folder)
