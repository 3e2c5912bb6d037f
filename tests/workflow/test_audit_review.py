"""The audit of a user's own review: a consistent one raises no alarm, planted faults are found."""

from __future__ import annotations

import csv
import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.errors import DataError
from review.project import open_review
from review.workflow.audit import audit_csv, audit_review, audit_rows

SETTINGS = """title = "Generated for a test"
[[search]]
database = "A"
records = {a}
[[search]]
database = "B"
records = {b}
[roles]
size_patients = "n_patients"
size_images = "n_images"
n_classes = "n_classes"
category = "modality"
"""
CODEBOOK = """
[[variable]]
name = "modality"
type = "category"
vocabulary = ["CT", "MRI"]
[[variable]]
name = "n_patients"
type = "integer"
[[variable]]
name = "n_images"
type = "integer"
[[variable]]
name = "n_classes"
type = "integer"
[[variable]]
name = "train"
type = "integer"
[[variable]]
name = "validation"
type = "integer"
[[variable]]
name = "test"
type = "integer"
[[variable]]
name = "auc"
type = "number"
"""
RESULTS = [
    "study_id", "role", "model", "metric", "value", "ci_low", "ci_high", "n_test", "n_pos",
    "n_neg", "tp", "fp", "fn", "tn",
]  # fmt: skip


def write(path, header, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, header)
        writer.writeheader()
        writer.writerows(rows)


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def generated_study(rng, i):
    """A study whose numbers follow from one confusion matrix and one data set."""
    tp, fp, fn, tn = (rng.randint(1, 200) for _ in range(4))
    n = tp + fp + fn + tn
    places = rng.choice([2, 3, 4])
    train, validation = rng.randint(10, 5000), rng.randint(0, 500)
    study = {
        "study_id": f"s{i}", "modality": rng.choice(["CT", "MRI"]), "n_classes": 2,
        "n_images": train + validation + n, "n_patients": rng.randint(1, n), "train": train,
        "validation": validation, "test": n, "auc": f"{rng.uniform(0.5, 1):.{places}f}",
    }  # fmt: skip
    values = {
        "accuracy": (tp + tn) / n, "sensitivity": tp / (tp + fn), "specificity": tn / (tn + fp),
    }  # fmt: skip
    cells = {"n_test": n, "n_pos": tp + fn, "n_neg": fp + tn}
    matrix = {"tp": tp, "fp": fp, "fn": fn, "tn": tn} if rng.random() < 0.5 else {}
    results = [
        {"study_id": f"s{i}", "role": "headline", "model": "net", "metric": metric,
         "value": f"{value:.{places}f}", **cells, **matrix}
        for metric, value in values.items()
    ]  # fmt: skip
    if rng.random() < 0.5:
        from review.stats.agreement.category_agreement import wilson

        low, high = wilson(tp + tn, n)
        results[0] |= {"ci_low": f"{low:.{places}f}", "ci_high": f"{high:.{places}f}"}
    return study, results


def make_review(folder, seed, size):
    rng = random.Random(seed)
    folder.mkdir(exist_ok=True)
    made = [generated_study(rng, i) for i in range(size)]
    studies = [study for study, _ in made]
    excluded, screened_out, duplicates = (rng.randint(0, 40) for _ in range(3))
    identified = size + excluded + screened_out + duplicates
    (folder / "review.toml").write_text(
        SETTINGS.format(a=duplicates, b=identified - duplicates), encoding="utf-8"
    )
    (folder / "codebook.toml").write_text(CODEBOOK, encoding="utf-8")
    ct = sum(s["modality"] == "CT" for s in studies)
    (folder / "published.toml").write_text(
        f"""[source]
key = "generated"
studies_claimed = {size}
[prisma]
identified = {identified}
duplicates_removed = {duplicates}
screened = {identified - duplicates}
excluded_at_screening = {screened_out}
assessed_full_text = {size + excluded}
excluded_at_full_text = {excluded}
included = {size}
[counts.modality]
CT = {ct}
MRI = {size - ct}
[[claims]]
text = "share of CT"
kind = "percent"
numerator = {ct}
denominator = {size}
value = {100 * ct / size:.1f}
[figure.selection]
total = {size}
excluded_ct = {ct}
plotted = {size - ct}
[[figure.spearman]]
rho = 0.50
p = 0.03
n = 19
""",
        encoding="utf-8",
    )
    write(folder / "studies.csv", list(studies[0]), studies)
    write(folder / "results.csv", RESULTS, [r for _, results in made for r in results])
    return folder


@settings(max_examples=8)
@given(st.integers(0, 10**6), st.integers(1, 12))
def test_no_false_alarm_on_a_consistent_review(tmp_path, seed, size):
    report = audit_review(open_review(make_review(tmp_path / "r", seed, size)))
    assert not report.failed, [str(c) for c in report.failed]
    assert report.counts["confirmed"] >= 8
    assert all("not checked" in note for note in report.notes)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("published.toml", "studies_claimed = 6", "studies_claimed = 9", "studies.csv lists 6"),
        ("published.toml", "included = 6", "included = 5", "stated 5"),
        ("published.toml", "CT = 2", "CT = 3", "stated 6"),
        ("published.toml", "value = 33.3", "value = 34.3", "2 / 6 = 33.333"),
        ("published.toml", "p = 0.03", "p = 0.30", "0.02"),
        ("published.toml", "plotted = 4", "plotted = 5", "stated 5"),
        ("studies.csv", "s0,", "s0,", ""),
    ],
)
def test_planted_faults_are_found(tmp_path, file, old, new, said):
    folder = make_review(tmp_path / "r", 4, 6)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    failed = audit_review(open_review(folder)).failed
    assert any(said in c.computation for c in failed) == bool(said)


def test_faults_in_results_are_found_where_they_stand(tmp_path):
    folder = make_review(tmp_path / "r", 4, 3)
    rows = read(folder / "results.csv")
    rows[4]["n_pos"] = str(int(rows[4]["n_pos"]) + 1)
    rows[6]["value"] = "93.5"
    write(folder / "results.csv", RESULTS, rows)
    failed = audit_review(open_review(folder)).failed
    assert {c.study_id for c in failed} == {"s1", "s2"}
    assert any(c.source == "results.csv:6" and c.check == "confusion" for c in failed)
    assert any(c.source == "results.csv:8" and c.check == "range" for c in failed)


def test_percentages_that_the_codebook_announces(tmp_path):
    folder = make_review(tmp_path / "r", 4, 3)
    book = CODEBOOK.replace(
        'name = "auc"\ntype = "number"', 'name = "auc"\ntype = "number"\nmaximum = 100'
    )
    (folder / "codebook.toml").write_text(book, encoding="utf-8")
    rows = read(folder / "studies.csv")
    for row in rows:
        row["auc"] = "93.5"
    write(folder / "studies.csv", list(rows[0]), rows)
    assert not audit_review(open_review(folder)).failed


def test_reviews_without_published_facts_or_data_say_so(new_review):
    report = audit_review(open_review(new_review))
    assert report.claims == ()
    assert report.notes == (
        "the review has no published.toml: no published facts",
        "the review has no coded studies or results",
    )


def test_facts_that_are_no_numbers_do_not_stop_the_audit(tmp_path):
    folder = make_review(tmp_path / "r", 1, 3)
    with (folder / "published.toml").open("a", encoding="utf-8") as file:
        file.write(
            """
[[claims]]
text = "nothing to check"
[[claims]]
kind = "ratio"
text = "no such path"
numerator = "table1.Nothing.parameters"
denominator = 0
value = 2
[[claims]]
kind = "sum"
terms = [1, 2.5, "3"]
value = 6.5
[[table1]]
model = "MyOwnNet"
year = 2020
parameters = "many"
parameters_fe = "1 M"
trainable_layers = 3
fe_layers = 2
fc_layers = 1
[strange]
n = "about a hundred"
accuracy = nan
tp = true
train = [1, 2]
"""
        )
    report = audit_review(open_review(folder))
    assert not report.failed
    by = {c.claim: c for c in report.claims}
    assert by["no such path"].note == "not found: table1.Nothing.parameters"
    assert by["claim 4"].computation == "1 + 2.5 + 3 = 6.5, 6.45 to 6.55 with rounding"
    assert "cannot be checked" in by["nothing to check"].verdict
    assert any("MyOwnNet" in c.note for c in report.claims)


def test_thousands_of_studies_are_audited(tmp_path):
    review = open_review(make_review(tmp_path / "r", 3, 3000))
    report = audit_review(review)
    assert not report.failed


names = st.sampled_from(
    ["n", "p", "rho", "k", "tp", "accuracy", "auc_ci_low", "train", "validation", "images", "model",
     "layers", "conv_layers", "fc_layers", "note", "selection", "spearman", "total", "plotted",
     "excluded_x", "examples", "t", "s", "d", "u", "count", "statistic", "value", "study", "table1",
     "figure6", "claims2", "convolution_arithmetic", "public_datasets", "tail", "metric", "parts"]
)  # fmt: skip
leaves = (
    st.none() | st.booleans() | st.integers(-5, 200)
    | st.sampled_from(["0.93", "x", "two", "VGG19", Decimal("NaN"), Decimal("Infinity")])
    | st.decimals(-2, 200, places=2)
)  # fmt: skip
facts = st.dictionaries(
    names,
    st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
        max_leaves=12,
    ),
    max_size=6,
)


@settings(max_examples=80)
@given(facts)
def test_no_published_facts_make_it_crash(data):
    from unittest import mock

    from review.workflow.audit import published_claims as published

    data.pop("table1", None)  # the schema of the file holds its rows to their form
    review = open_review("shtem2021")
    with mock.patch.object(published, "read_published", return_value={"source": {}} | data):
        for c in published.check_published(review):
            assert str(c)


# CSV ----------------------------------------------------------------------------------------


def csv_file(tmp_path, text):
    path = tmp_path / "numbers.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_of_a_csv_file(tmp_path):
    path = csv_file(
        tmp_path,
        "id,statistic,value,df1,p,k,n,percent,colour\n"
        "a,t,2.20,28,0.036,,,,red\n"
        "b,,,,,57,121,47.1,\n"
        "c,,,,,,20,93,\n"
        "d,,,,,,,,\n",
    )
    report = audit_csv(path)
    assert [c.verdict.value for c in report.claims] == [
        "confirmed", "confirmed", "impossible", "cannot be checked",
    ]  # fmt: skip
    assert [c.source for c in report.claims] == [f"numbers.csv:{i}" for i in (2, 3, 4, 5)]
    assert "(c)" in report.claims[2].claim
    assert report.notes == (
        "column 'colour' is not used",
        "read numbers.csv: comma, UTF-8, 4 rows",
        "line 5 'd' is alone in its row: a heading inside the table?",
    )
    assert report.subject == "numbers.csv"


def test_digits_of_a_csv_file_count(tmp_path):
    rough, fine = (
        audit_csv(csv_file(tmp_path, f"n_pos,sensitivity\n7,{text}\n")).claims[0].verdict
        for text in ("0.9", "0.90")
    )
    assert (rough, fine) == ("consistent", "impossible")


def test_every_bad_cell_is_listed(tmp_path):
    path = csv_file(
        tmp_path,
        "statistic,value,df1,p,tail,n,parts,ci_level,accuracy\n"
        "Q,2.2,28,0.03,two,,,,\n"
        't,"2,2",28,0.03,two,,,,\n'
        "t,2.2,-1,small,three,,,,\n"
        "t,2.2,28,0.03,two,1.5,1;x,0.95,85-90%\n",
    )
    claims = [c for c in audit_csv(path).claims if c.check == "cell"]
    assert {c.verdict.value for c in claims} == {"cannot be checked"}
    found = sorted((int(c.source.split(":")[-1]), c.claim.split()[0]) for c in claims)
    assert found == sorted([
        (2, "statistic"), (3, "value"), (4, "df1"), (4, "p"), (4, "tail"),
        (5, "n"), (5, "parts"), (5, "ci_level"), (5, "accuracy"),
    ])  # fmt: skip
    said = " ".join(c.note for c in claims)
    assert "did you mean '2.2'" in said
    assert "a range (85 to 90), not one number" in said


def test_what_else_stands_in_a_row_is_checked(tmp_path):
    path = csv_file(tmp_path, "q,df,i2,tau2\n24.53,11,78.9,small\n24.53,11,55.2,0.31\n")
    report = audit_csv(path)
    assert [(c.check, c.verdict.value) for c in report.claims] == [
        ("cell", "cannot be checked"),
        ("heterogeneity", "inconsistent"),
        ("heterogeneity", "confirmed"),
    ]
    assert any(n.startswith("tau2 is not checked in 1 row: needs") for n in report.notes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("a,b\n1,2\n", "no column that a check knows"),
        ("n,total\n1,2\n", "two columns mean 'n'"),
        ("n,percent\n1\n", "the row has 1 cells"),
        ('n,percent\n"1,2\n', "never closed"),
        ("n,N\n1,2\n", "two columns mean"),
    ],
)
def test_bad_files(tmp_path, text, said):
    with pytest.raises(DataError, match=said):
        audit_csv(csv_file(tmp_path, text))


def test_unused_columns_get_a_hint(tmp_path):
    report = audit_csv(csv_file(tmp_path, "n,percnt,accuracy\n10,90,0.90\n"))
    assert "did you mean 'percent'" in report.notes[0]


def test_results_of_a_review_can_be_read_as_csv():
    from review.resources import resource_dir

    report = audit_csv(resource_dir("data") / "kim2022" / "results.csv")
    liver = [c for c in report.claims if c.study_id == "constantinescu2020liver"]
    assert any(c.verdict == "impossible" and "0.899" in c.claim for c in liver)


@settings(max_examples=150)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(
                ["n", "k", "percent", "accuracy", "sensitivity", "p", "statistic", "value", "df1",
                 "tp", "fn", "n_pos", "auc", "auc_ci_low", "auc_ci_high", "se", "parts", "train",
                 "validation", "images", "tail", "ci_level", "n_max", "mean", "n_classes"]
            ),
            st.sampled_from(["0", "1", "-1", "0.5", "1e9", "x", "<0.05", "t", "rho", "F", "99",
                             "1;2", "one", "0.00", "12345678901234567890", "1e-299", "1e999",
                             "NaN", "", "=1"]),
            min_size=1,
        ),
        max_size=3,
    )
)  # fmt: skip
def test_no_numbers_make_it_crash(rows):
    try:
        report = audit_rows(rows)
    except DataError:
        return
    for c in report.claims:
        assert "nan" not in c.computation.casefold()
        assert str(c)
