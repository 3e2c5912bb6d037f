"""The first page of a report: everyday words, natural scale, one picture, easy to read."""

from __future__ import annotations

import re

import pytest

from review.project import open_review
from review.report import build_report
from review.report.everyday_scale import of_accuracy, of_effects, of_values
from review.report.in_short import in_short
from review.report.results import Results
from review.report.sections import build_section
from review.workflow.coding.init import init_review
from review.workflow.pooling.meta_run import run_meta
from review.workflow.pooling.pooled_rows import MetaInput

# Colditz et al. 1994, JAMA 271:698: cases and size of the vaccinated and of the control group
BCG = (
    (4, 123, 11, 139), (6, 306, 29, 303), (3, 231, 11, 220), (62, 13598, 248, 12867),
    (33, 5069, 47, 5808), (180, 1541, 372, 1451), (8, 2545, 10, 629), (505, 88391, 499, 88391),
    (29, 7499, 45, 7277), (17, 1716, 65, 1665), (186, 50634, 141, 27338), (5, 2498, 3, 2341),
    (27, 16913, 29, 17854),
)  # fmt: skip
# four tables of a test: true and false positives, false and true negatives
TESTS = ((47, 101, 9, 738), (126, 272, 51, 1543), (19, 12, 10, 192), (36, 18, 3, 86))


def of_template(samples, folder, template, rows, **settings):
    init_review(folder, title="T", template=template)
    header = (folder / "studies.csv").read_text().strip().split(",")
    full = [
        dict.fromkeys(header, "")
        | {
            "study_id": f"s{i}",
            "first_author": f"Author{i}",
            "year": 2000 + i,
            "title": f"Title {i}",
        }
        | row
        for i, row in enumerate(rows)
    ]
    samples.write_csv(folder / "studies.csv", full)
    text = (folder / "review.toml").read_text()
    given = "".join(f'{name} = "{value}"\n' for name, value in settings.items())
    (folder / "review.toml").write_text(given + text)
    return open_review(folder)


@pytest.fixture(scope="module", name="trials")
def _trials(samples, tmp_path_factory):
    names = ("events_treated", "n_treated", "events_control", "n_control")
    rows = [dict(zip(names, cells, strict=True)) for cells in BCG]
    folder = tmp_path_factory.mktemp("made") / "trials"
    return of_template(samples, folder, "rct", rows, question="Does BCG help?", funding="A fund.")


@pytest.fixture(scope="module", name="accuracy")
def _accuracy(samples, tmp_path_factory):
    rows = [dict(zip(("tp", "fp", "fn", "tn"), cells, strict=True)) for cells in TESTS]
    return of_template(samples, tmp_path_factory.mktemp("made") / "accuracy", "dta", rows)


@pytest.fixture(scope="module", name="shares")
def _shares(samples, tmp_path_factory):
    rows = [{"n_cases": a, "n_sample": n} for a, n in ((12, 100), (30, 150), (44, 400), (9, 60))]
    return of_template(samples, tmp_path_factory.mktemp("made") / "shares", "prevalence", rows)


def facts(page):
    return {name: "".join(p if isinstance(p, str) else p.text for p in parts)
            for name, parts in page.facts}  # fmt: skip


def test_trials_are_answered_in_people_of_a_thousand(trials):
    results = Results(trials)
    page = in_short(results)
    run = results.meta["events"]
    total = next(row for row in run.forest if row.kind == "total")
    risks = sorted(c / n for _, _, c, n in BCG)
    base = 1000 * risks[6]
    assert page.lead.question == "Does BCG help?"
    assert page.lead.answer == (
        f"Of 1,000 people in the comparison group, about {base:.0f} had the outcome.",
        (
            f"In the treated group it was about {base * total.estimate:.0f}, so "
            f"{base * (1 - total.estimate):.0f} fewer."
        ),
    )
    low, high = base * total.ci_lb, base * total.ci_ub
    assert page.lead.sure[0] == (
        f"The true average in the treated group is likely {low:.0f} to {high:.0f} of 1,000."
    )
    new = next(row for row in run.forest if row.kind == "prediction")
    said = f"A new study may find {base * new.ci_lb:.0f} to {base * new.ci_ub:.0f} of 1,000."
    assert page.lead.sure[1] == said
    assert facts(page) == {
        "Studies": "13 included (flow)", "Registered": "not stated", "Funding": "A fund."
    }  # fmt: skip
    assert "13 studies" in page.caption
    # the section on the result begins on the same scale, before the numbers of the model
    (group,) = build_section("meta", results).blocks
    assert group.blocks[0].parts == (" ".join((*page.lead.answer, *page.lead.sure[:2])),)


def test_a_test_is_answered_in_natural_frequencies(accuracy):
    results = Results(accuracy)
    page = in_short(results)
    fit = results.accuracy["accuracy"].result
    assert page.lead.answer == (
        f"Of 100 people who have the condition, the test finds about {100 * fit.sens[0]:.0f}.",
        f"Of 100 who do not have it, about {100 * (1 - fit.spec[0]):.0f} get a false alarm.",
    )
    assert page.lead.sure[1].endswith("With just 4 studies, this is a rough guess.")
    assert page.picture.count("<circle") == len(TESTS)


def test_a_share_is_answered_in_people_of_a_hundred(shares):
    results = Results(shares)
    total = next(r for r in results.meta["prevalence"].forest if r.kind == "total")
    (answer,) = in_short(results).lead.answer
    assert answer == f"About {100 * total.estimate:.0f} of 100 people have it."


@pytest.mark.parametrize("name", ["kim2022", "wang2021", "shtem2021"])
def test_a_review_without_an_effect_tells_what_is_most_common(name):
    review = open_review(name)
    page = in_short(Results(review))
    assert f"{len(review.studies)} studies" in page.lead.answer[0]
    # where no study states a category or a performance, there is nothing to draw
    assert ("<svg" in page.picture) == (name != "shtem2021")
    assert "many" not in " ".join(page.lead.answer)


@pytest.mark.parametrize(
    ("measure", "value", "said"),
    [
        ("OR", (0.5, 0.3, 0.8), ("Set the odds in the comparison group at 100. In the treated group"
                                " it is about 50.")),
        ("HR", (0.5, 0.3, 0.8), ("Set the rate in the comparison group at 100. In the treated group"
                                " it is about 50.")),
        # U3 of d = 0.5 is 69 per cent (Cohen 1988, table 2.2.1)
        ("SMD", (0.5, 0.3, 0.7), ("About 69 of 100 people in the treated group lie above the middle"
                                 " of the comparison group.")),
        ("MD", (-3.25, -5.0, -1.5), ("On average, the treated group was 3.25 lower than the"
                                    " comparison group.")),
        ("ROM", (1.2, 1.1, 1.3), ("Set the mean of the comparison group at 100. In the treated"
                                 " group it is about 120.")),
        ("ZCOR", (0.31, 0.1, 0.5), "On average, the correlation is 0.31."),
        ("PLO", (0.004, 0.002, 0.009), "About 4 of 1,000 people have it."),
        ("LOGITAUC", (0.93, 0.9, 0.95), ("On average, of 100 pairs of a sick and a healthy case,"
                                        " the sick one scores higher in 93.")),
        ("", (0.31, 0.1, 0.5), "On average, the effect is 0.31."),
    ],
)  # fmt: skip
def test_every_measure_has_everyday_words(measure, value, said):
    found = of_values(measure, value, (0.05, 1.5), 9, 2)
    assert found.answer[0] == said
    assert "rough guess" not in found.new
    assert "rough guess" in of_values(measure, value, (0.05, 1.5), 4, 2).new


def test_a_range_with_room_for_both_is_not_settled():
    assert "not settled" in of_values("RR", (0.9, 0.6, 1.3), None, 9, 2).likely
    assert "not settled" not in of_values("RR", (0.5, 0.3, 0.8), None, 9, 2).likely
    assert of_values("PLO", (0.5, 0.3, 0.8), None, 9, 2).settled is None


def test_risks_follow_from_odds_and_differences():
    cells = {"ai": [10, 12, 9], "n1i": [100, 100, 100], "ci": [20, 20, 20], "n2i": [100, 100, 100]}

    def answer(measure):
        run = run_meta(MetaInput("", "", measure, cells, ["a", "b", "c"], {}))
        total = next(r for r in run.forest if r.kind == "total")
        return total.estimate, of_effects(run).answer[1]

    odds, said = answer("OR")
    assert f"about {100 * odds * 0.25 / (1 + odds * 0.25):.0f}," in said
    gap, said = answer("RD")
    assert f"about {100 * (0.2 + gap):.0f}, so {-100 * gap:.0f} fewer." in said


def test_accuracy_counts_false_alarms_from_specificity():
    from review import diagnostic_meta

    columns = [list(c) for c in zip(*TESTS, strict=True)]
    fit = diagnostic_meta(columns[0], columns[2], columns[1], columns[3])
    low, high = 100 * (1 - fit.spec[2]), 100 * (1 - fit.spec[1])
    assert of_accuracy(fit).likely.endswith(f"and {low:.0f} to {high:.0f} false alarms.")


def reading_ease(text):
    """Flesch 1948, J Appl Psychol 32:221: 206.835 - 1.015 words/sentence - 84.6 syllables/word."""
    sentences = [s for s in re.split(r"[.!?](?:\s|$)", text) if s.strip()]
    spoken = re.findall(r"[A-Za-z0-9][\w',-]*", text)
    syllables = 0
    for word in spoken:
        bare = re.sub(r"(?<=[^aeiouy]{1})e\b|es\b", "", word.lower())
        syllables += max(1, len(re.findall(r"[aeiouy]+", bare)))
    return 206.835 - 1.015 * len(spoken) / len(sentences) - 84.6 * syllables / len(spoken)


def test_reading_ease_is_that_of_known_texts():
    assert reading_ease("The cat sat on the mat.") == pytest.approx(116.1, abs=0.1)
    hard = "Heterogeneity necessitates multivariate methodological considerations."
    assert reading_ease(hard) < 0


def test_the_first_page_is_easy_to_read(trials, accuracy, shares, full_folder):
    reviews = [trials, accuracy, shares, open_review(full_folder)]
    reviews += [open_review(n) for n in ("kim2022", "wang2021", "shtem2021")]
    for review in reviews:
        lead = in_short(Results(review)).lead
        text = " ".join((*lead.answer, *lead.sure, *(said for _, said in lead.others)))
        assert reading_ease(text) >= 50, text
        assert not re.search(r"\bp [<=]|\brho\b|τ|I²|\bCI\b|logit|\blog\b", text)


# words of the program that no reader needs: options, files, settings, roles, installation, packages
PROGRAM = (
    r"--[a-z]{3,}", r"\b\w+\.toml\b", r"\b\w+\.csv\b", r"\[\[\w+\]\]", r"\bpip\b", r"\broles?\b",
    r"\binstall", r"\bextras?\b", r"\btorch\b", r"\bplotly\b", r"\bpandas\b", r"\bscipy\b",
    r"\bnumpy\b", r"\bstatsmodels\b", r"\bnot trusted\b", r"\bsettings\b", r"\bcodebook\b",
    r"\boptions?\b", r"'adhoc'",
)  # fmt: skip


def read_by_people(page, *without):
    """All text of a page but scripts, styles, the data of the studies, and sections named."""
    skipped = {"script", "style", "noscript"}
    ids = {*without, "provenance", "references", "studies"}
    found = []
    for element in page.elements:
        around = [*element["inside"], element]
        if any(e["tag"] in skipped or e["attributes"].get("id") in ids for e in around):
            continue
        if element["tag"] in {"p", "li", "dd", "dt", "figcaption", "caption", "summary", "h1",
                              "h2", "h3", "h4", "h5", "th", "text", "title", "desc"}:  # fmt: skip
            found.append(element["text"])
        reasons = [e for e in around if "not-pooled" in e["attributes"].get("data-download", "")]
        if element["tag"] == "td" and reasons:
            found.append(element["text"])
    return found


@pytest.fixture(scope="module", name="own_reports")
def _own_reports(full_report, trials, accuracy, shares):
    return [full_report, *(build_report(review) for review in (trials, accuracy, shares))]


def test_no_reader_meets_the_program(kim_report, own_reports, parse):
    for report in (kim_report, *own_reports):
        # the discussion is in the authors' own words
        for said in read_by_people(parse(report), "discussion"):
            for pattern in PROGRAM:
                assert not re.search(pattern, said, re.IGNORECASE), (pattern, said)


def test_nothing_is_published_where_no_paper_is(own_reports, parse):
    for report in own_reports:
        told = " ".join(read_by_people(parse(report)))
        assert "ublished" not in told.replace("Studies published until", "")


def test_networks_of_another_paper_stay_there(full_report, kim_report):
    names = {b.ident for s in kim_report.sections for b in s.blocks if hasattr(b, "ident")}
    assert {"table-1", "table-tl", "figure-size"} <= names
    names = {b.ident for s in full_report.sections for b in s.blocks if hasattr(b, "ident")}
    assert "table-1" not in names


@pytest.mark.parametrize(
    ("counts", "named"),
    [([3, 1], 1), ([3], 1), ([2, 2], 0), ([1, 1], 0), ([1], 0), ([], 0)],
)
def test_only_what_more_studies_have_than_anything_else_is_most_common(counts, named):
    from review.report.in_short import _leader

    assert len(_leader([(f"kind {i}", n) for i, n in enumerate(counts)])) == named
