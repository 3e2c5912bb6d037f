"""`engine="splink"` finds what the comparison in memory finds: the rules judge for both."""

from __future__ import annotations

import random
import sys

import pytest

from review.errors import InputError, MissingExtraError, UnknownNameError
from review.project import open_review
from review.workflow.records.duplicate_review import dedupe
from review.workflow.records.found_duplicates import find_duplicates

WORDS = [
    "cardiac", "renal", "hepatic", "retinal", "cortical", "spinal", "dermal", "pulmonary",
    "vascular", "neural", "imaging", "therapy", "screening", "outcome", "injury", "protein",
    "receptor", "cohort", "infusion", "stenosis", "fracture",
]  # fmt: skip


def records(n=60):
    """Records of which every third one is there twice, as another database writes it."""
    draw = random.Random(20260131)
    found = []
    for i in range(n):
        title = " ".join(draw.sample(WORDS, 6))
        row = {
            "record_id": f"a{i}", "title": title.capitalize(), "authors": f"Lee{i} A; Wu B",
            "year": str(1990 + i % 30), "journal": "Heart", "volume": str(i), "issue": "2",
            "pages": f"{100 + i}-{109 + i}", "doi": f"10.1000/{i}",
        }  # fmt: skip
        found.append(row)
        if i % 3 == 0:
            other = {"record_id": f"b{i}", "title": title.upper() + ".", "doi": ""}
            other |= {"authors": f"LEE{i}, Ann; WU, Bo", "pages": f"{100 + i}-9"}
            found.append(row | other)
        if i % 10 == 0:
            found.append(row | {"record_id": f"c{i}", "title": f"Erratum to: {title}"})
        if i % 15 == 0:
            found.append(row | {"record_id": f"d{i}", "journal": "medRxiv", "volume": "",
                                "issue": "", "pages": "", "doi": f"10.1101/{i}"})  # fmt: skip
    return found


def test_duckdb_finds_what_the_memory_finds():
    pytest.importorskip("splink", reason="the extra splink is not installed")
    made = records()
    memory = find_duplicates(made)
    found = find_duplicates(made, engine="splink")
    assert memory.duplicates == 20
    assert found.to_dict() == memory.to_dict()
    assert find_duplicates(made[:1], engine="splink").groups == ()


def test_a_review_is_compared_by_splink(new_review):
    pytest.importorskip("splink", reason="the extra splink is not installed")
    text = "record_id,title,authors,year,journal,volume,pages\n"
    text += "r1,A trial of aspirin,Lee A,2020,Heart,4,1-9\nr2,A trial of aspirin.,Lee A,2020,Heart,"
    text += "4,1-9\nr3,A trial of aspirin,,,,,\n"
    (new_review / "records.csv").write_text(text, encoding="utf-8")
    done = dedupe(open_review(new_review), engine="splink")
    assert [link.verdict for link in done.found.links] == ["same", "doubt"]
    assert "r2" in (new_review / "duplicates.csv").read_text(encoding="utf-8")


@pytest.mark.filterwarnings("default")  # pyspark 4 warns of pandas 3
def test_spark_finds_the_same():
    pytest.importorskip("splink", reason="the extra splink is not installed")
    pyspark = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    builder = pyspark.SparkSession.builder.master("local[1]")
    spark = builder.config("spark.sql.shuffle.partitions", "1").getOrCreate()
    try:
        found = find_duplicates(records(), engine="splink", spark=spark)
    finally:
        spark.stop()
    assert found.to_dict() == find_duplicates(records()).to_dict()


def test_engines_and_extras_are_named(monkeypatch, run, new_review):
    with pytest.raises(UnknownNameError, match="did you mean 'splink'"):
        find_duplicates(records(), engine="splnk")
    with pytest.raises(InputError, match="goes with engine='splink'"):
        find_duplicates(records(), spark=object())
    done = run("dedupe", new_review, "--engine", "splink", "--set", "a:b=same", "--by", "Ann")
    assert "--engine says how all records are compared" in done.err
    for name in [n for n in sys.modules if n.split(".")[0] == "splink"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "splink", None)
    with pytest.raises(MissingExtraError, match=r"review-analytics\[splink\]"):
        find_duplicates(records(), engine="splink")
