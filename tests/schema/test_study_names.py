"""Names of studies in figures and tables: author and year, told apart by letters."""

from __future__ import annotations

import random

from review.project import open_review
from review.schema.study import Study, with_letters


def named(*rows):
    made = [Study(study_id=i, first_author=a, year=y, title=t) for i, a, y, t in rows]
    return {s.study_id: s.label for s in with_letters(made)}


def test_those_that_share_author_and_year_get_letters_whatever_their_order():
    rows = [(f"k{i:02d}", "김", 2020, None) for i in range(28)] + [("z", "Лебедев", 2020, None)]
    found = named(*rows)
    assert (found["k00"], found["k25"], found["k26"]) == ("김 2020a", "김 2020z", "김 2020aa")
    assert found["z"] == "Лебедев 2020"
    random.Random(1).shuffle(rows)
    assert named(*rows) == found


def test_a_title_stands_in_for_a_missing_author_and_the_id_for_both():
    long = "Deep transfer learning for the classification of images of the chest"
    found = named(("a", None, 2020, long), ("b", None, None, None), ("c", "Lee", None, "x"),
                  ("d", "Lee", None, "y"))  # fmt: skip
    assert found["a"].startswith("Deep transfer learning")
    assert found["a"].endswith("… 2020")
    assert found["b"] == "b"
    assert (found["c"], found["d"]) == ("Lee (a)", "Lee (b)")


def test_names_of_the_bundled_review_are_all_different_and_stay_so_in_a_part_of_it():
    kim = open_review("kim2022")
    names = {s.study_id: s.label for s in kim.studies}
    assert len(set(names.values())) == len(names)
    assert any(name.endswith("2020a") for name in names.values())
    part = kim.where("year == 2020")
    assert all(s.label == names[s.study_id] for s in part.studies)
