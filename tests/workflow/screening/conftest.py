"""A review with records to screen."""

from __future__ import annotations

import pytest

SETTINGS = """title = "Mine"

[screening]
reviewers = 2
reasons = ["wrong population", "no control group", "duplicate report"]
keywords = ["random*", "deep learning"]
keywords_against = ["mice"]
"""
RECORDS = """record_id,source,kind,title,abstract,year
a1,PubMed,database,Randomised trial of deep learning,In people,2019
a2,PubMed,database,Deep learning in mice,In mice,2021
a3,PubMed,database,Another trial,With a control,
a4,Embase,database,A case report,One case,2020
a5,Embase,database,"Another trial, again",With a control,2018
w1,WHO,website,A report of the WHO,,2022
"""


@pytest.fixture(name="folder")
def _folder(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "review.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "records.csv").write_text(RECORDS, encoding="utf-8")
    return folder
