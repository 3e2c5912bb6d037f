"""Order by relevance or by lot, and the recall of a screening that stops early."""

from __future__ import annotations

import csv
import sys

import numpy as np
import pytest

from review.errors import InputError, MissingExtraError
from review.project import open_review
from review.workflow.screening.relevance_ranking import RelevanceRanking
from review.workflow.screening.screening_decisions import decide
from review.workflow.screening.screening_queue import left_for
from review.workflow.screening.screening_recall import recall_lines, screening_recall

TOPICS = ("deep learning of chest radiographs", "feeding and milk of dairy cows")


def made(n, every=10, seed=3):
    """Records of which every tenth is of another topic, in words drawn at random."""
    rng = np.random.default_rng(seed)
    noise = [f"word{i}" for i in range(2000)]
    rows = []
    for i in range(n):
        topic = TOPICS[0] if i % every == 0 else TOPICS[1]
        words = " ".join(rng.choice(noise, 60)) + " " + " ".join(rng.choice(topic.split(), 4))
        rows.append({"record_id": f"r{i}", "title": "A study", "abstract": words})
    return rows


@pytest.fixture(name="folder")
def _folder(tmp_path):
    (tmp_path / "review.toml").write_text('title = "Mine"\n', encoding="utf-8")
    with (tmp_path / "records.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, ["record_id", "title", "abstract"])
        out.writeheader()
        out.writerows(made(60))
    return tmp_path


def test_what_is_like_the_included_comes_first():
    rows = made(300)
    ranking = RelevanceRanking(rows)
    known = {f"r{i}": i % 10 == 0 for i in range(60)}
    order = ranking.order(known)
    assert sorted(order) == sorted(r["record_id"] for r in rows)
    left = [i for i in order if i not in known]
    first = left[:24]
    assert sum(int(i[1:]) % 10 == 0 for i in first) >= 22  # of 24 relevant among 240
    assert ranking.order(known) == order


def test_the_order_of_the_files_makes_no_difference():
    rows = made(120)
    known = {f"r{i}": i % 10 == 0 for i in range(40)}
    one = RelevanceRanking(rows).scores(known)
    other = RelevanceRanking(rows[::-1]).scores(dict(reversed(known.items())))
    assert other[::-1] == pytest.approx(one, abs=1e-5)


@pytest.mark.trap(
    "asreview 3.0.8",
    "without prior labels the records come in the order of the file, unsaid",
)
def test_without_both_kinds_there_is_no_order_yet():
    """Without an included and an excluded record there is no order by relevance, which is said."""
    rows = made(12)
    ranking = RelevanceRanking(rows)
    assert ranking.scores({"r1": False, "r2": False, "elsewhere": True}) is None
    assert ranking.order({"r1": True}) == [r["record_id"] for r in rows]
    with pytest.raises(InputError, match="no record has a title"):
        RelevanceRanking([{"record_id": "a", "title": " "}])


def test_scikit_learn_is_asked_for(monkeypatch, folder):
    for name in [m for m in sys.modules if m.split(".")[0] == "sklearn"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'review-analytics\[rank\]'"):
        left_for(open_review(folder), "Ann", order="relevance")


def test_a_reviewer_s_order_follows_own_decisions_alone(folder):
    review = open_review(folder)
    (folder / "review.toml").write_text(
        'title = "Mine"\n[screening]\nreviewers = 2\n', encoding="utf-8"
    )
    for i in (0, 10, 20):
        decide(review, f"r{i}", "include", by="Ann", order="relevance")
        decide(review, f"r{i + 1}", "exclude", by="Ann")
    ann = [r["record_id"] for r in left_for(open_review(folder), "Ann", order="relevance")]
    assert set(ann[:5]) & {"r30", "r40", "r50"}
    assert len(ann) == 54
    bo = [r["record_id"] for r in left_for(open_review(folder), "Bo", order="relevance")]
    assert bo == [f"r{i}" for i in range(60)]  # nothing of Ann's shows


@pytest.mark.trap(
    "asreview 3.0.8",
    "HybridMaxRandom with a whole number as seed mixes nothing: all or none are random",
)
def test_a_random_order_is_the_same_for_all_and_none_of_the_file(folder):
    """A random order is the same for every reviewer, and has nothing of the file's."""
    ann, bo = (
        [r["record_id"] for r in left_for(open_review(folder), name, order="random")]
        for name in ("Ann", "Bo")
    )
    assert ann == bo
    assert sorted(ann) == sorted(f"r{i}" for i in range(60))
    places = [int(i[1:]) for i in ann]
    assert abs(np.corrcoef(places, range(60))[0, 1]) < 0.3


def test_recall_from_the_decisions(folder):
    review = open_review(folder)
    for i in [0, 10, 20, 30, 40, 50, 1, 2, 3, 4]:
        decide(review, f"r{i}", "include" if i % 10 == 0 else "exclude", by="Ann")
    found = screening_recall(review)
    assert (found.records, found.screened, found.found, found.sampling) == (60, 10, 6, "ranked")
    for record in left_for(open_review(folder), "Ann", order="random")[:45]:
        decide(review, record["record_id"], "exclude", by="Ann", order="random")
    found = screening_recall(review, target=0.8)
    assert (found.sampling, found.sampled, found.urn, found.missed) == ("random", 45, 50, 0)
    # recall below 0.8 needs two of the 50: both among the 5 that were not drawn
    assert found.pval == pytest.approx(5 * 4 / (50 * 49))
    assert "is shown" in recall_lines(found)[-1]
    assert "is not shown" in recall_lines(screening_recall(review))[-1]
    assert screening_recall(review, stage="full-text").found == 0
