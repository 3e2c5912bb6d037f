"""Reviews made up for the tests of the report: one with everything, one with very many studies."""

from __future__ import annotations

import csv
import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

ATTACK = "<script>alert(1)</script>"
SETTINGS = """title = "Networks & <b>images</b>: a \\"review\\""
question = "Does </script><script>document.title='owned'</script> run?"
authors = ["Ann <i>Author</i>", "Bo O'Brien"]
sample = "coded studies"
summary = "A made-up review {{ 7 * 7 }} that has every file."
cite = "Author A. A made-up review. 2026."
doi = "10.1234/made.up"
funding = "A <u>fund</u>, without a part in it."
interests = "None."

[[search]]
database = "PubMed"
date = 2026-01-31
query = "\\"transfer learning\\"[tiab] AND <img src=x onerror=alert(2)>"
records = 40

[protocol]
registration = "PROSPERO CRD000"
eligibility = ["a network", "images & more"]
amendments = ["Searched <b>one</b> source more."]

[discussion]
interpretation = "As <i>others</i> found.\\n\\nAnd more {{ 7 * 7 }}."
implications = "Code --more-- studies; see review.toml."

[roles]
size_patients = "n_patients"
size_images = "n_images"
n_classes = "n_classes"
backbone = "backbone"
tl_type = "tl_type"
modality = "modality"
subject = "subject"
metrics = ["auc", "accuracy"]
"""


def codebook() -> str:
    variables = [
        ("backbone", "category", "Backbone"),
        ("tl_type", "category", "Type"),
        ("modality", "category", "Modality"),
        ("subject", "category", "Subject"),
        ("tags", "list", "Tags"),
        ("n_images", "integer", "Images"),
        ("n_patients", "integer", "Patients"),
        ("n_classes", "integer", "Classes"),
        ("auc", "number", "AUC"),
        ("accuracy", "number", "Accuracy"),
        ("note", "text", "Note"),
    ]
    blocks = ['title = "Form"']
    for name, kind, label in variables:
        block = f'[[variable]]\nname = "{name}"\ntype = "{kind}"\nlabel = "{label}"'
        if kind in {"category", "list"}:
            block += "\nopen = true"
        blocks.append(block)
    return "\n\n".join(blocks) + "\n"


def write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def studies(count: int, seed: int = 1) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    rows = []
    for i in range(count):
        images = draw.choice([draw.randint(50, 60_000), ""])
        rows.append(
            {
                "study_id": f"study{i:05d}",
                "first_author": f"Author{i:05d}",
                "year": draw.randint(2014, 2026),
                "title": f"Study number {i} of networks for {draw.choice(['skin', 'lung'])} images",
                "venue": draw.choice(["Journal A", "Journal B", ""]),
                "doi": f"10.1234/study.{i}",
                "evidence": draw.choice(["abstract", "full text"]),
                "backbone": draw.choice(["ResNet", "VGG16", "many", ""]),
                "tl_type": draw.choice(["fine_tuning", "feature_extractor", ""]),
                "modality": draw.choice(["CT", "MRI", "X-ray", ""]),
                "subject": draw.choice(["lung", "skin", "nervous_system"]),
                "tags": draw.choice(["a", "a;b", ""]),
                "n_images": images,
                "n_patients": draw.choice([draw.randint(10, 900), ""]),
                "n_classes": draw.choice([2, 3, ""]),
                "auc": draw.choice([f"{draw.uniform(0.6, 0.99):.2f}", ""]),
                "accuracy": draw.choice([f"{draw.uniform(0.5, 0.99):.3f}", ""]),
                "note": "",
            }
        )
    return rows


def results(rows: list[dict[str, Any]], seed: int = 2) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    found: list[dict[str, Any]] = []
    for row in rows:
        if row["accuracy"] != "":
            found.append(
                {"study_id": row["study_id"], "role": "headline", "metric": "accuracy",
                 "value": row["accuracy"], "ci_low": "", "ci_high": "",
                 "n_test": draw.choice([draw.randint(20, 900), ""])}
            )  # fmt: skip
        if row["auc"] != "" and float(row["auc"]) < 0.95:
            value = float(row["auc"])
            found.append(
                {"study_id": row["study_id"], "role": "headline", "metric": "auc",
                 "value": row["auc"], "ci_low": f"{value - 0.04:.2f}",
                 "ci_high": f"{value + 0.03:.2f}", "n_test": ""}
            )  # fmt: skip
    # confusion tables of some studies, for the section on diagnostic accuracy
    for row, cells in zip(rows, [(20, 4, 5, 30), (30, 9, 3, 40), (15, 2, 6, 28), (40, 12, 2, 50),
                                 (33, 5, 4, 44)], strict=False):  # fmt: skip
        table = dict(zip(("tp", "fp", "fn", "tn"), cells, strict=True))
        found.append({"study_id": row["study_id"], "role": "headline", **table})
    names = dict.fromkeys(name for row in found for name in row)
    return [{name: row.get(name, "") for name in names} for row in found]


def make_review(folder: Path, rows: list[dict[str, Any]], settings: str = SETTINGS) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "review.toml").write_text(settings, encoding="utf-8")
    (folder / "codebook.toml").write_text(codebook(), encoding="utf-8")
    write_csv(folder / "studies.csv", rows)
    return folder


def full_review(folder: Path, count: int = 24) -> Path:
    """A review with every kind of file, whose texts try to break out of the page."""
    rows = studies(count)
    rows[0] |= {
        "title": ATTACK, "first_author": "</script><script>alert(3)</script>",
        "venue": '"><img src=x onerror="alert(4)">', "note": "line one & <b>two</b> {{ 7 * 7 }}",
        "modality": "</script>CT",
    }  # fmt: skip
    make_review(folder, rows)
    write_csv(folder / "results.csv", results(rows))
    shared = ["backbone", "tl_type", "modality", "subject", "n_images"]
    for coder, change in (("ann", ""), ("bo", "ResNet"), ("cy", "")):
        coded = [{k: row[k] for k in ("study_id", *shared)} for row in rows[:12]]
        if change:
            next(row for row in coded if row["backbone"])["backbone"] = change
            for row in [row for row in coded if row["n_images"]][:2]:
                row["n_images"] = int(row["n_images"]) + 1
        write_csv(folder / f"codings/{coder}.csv", coded)
    write_csv(
        folder / "excluded.csv",
        [{"study_id": "left2020", "first_author": "Left", "year": 2020, "title": "Left <u>out</u>",
          "reason": "no network & no images"}],
    )  # fmt: skip
    words = ["low", "high", "unclear"]
    domains = ["patient_selection", "index_test", "reference_standard", "flow_and_timing"]
    write_csv(
        folder / "risk_of_bias.csv",
        [
            {"study_id": row["study_id"], "tool": "QUADAS-2", "domain": domain, "kind": "bias",
             "judgement": words[(i + j) % 3], "rationale": f"because <{i}>", "assessor": "ann"}
            for i, row in enumerate(rows[:8])
            for j, domain in enumerate(domains)
        ],
    )  # fmt: skip
    return folder


def large_review(folder: Path, count: int = 5000) -> Path:
    rows = studies(count)
    rows[count // 2]["title"] = "The needle in the haystack"
    make_review(folder, rows)
    write_csv(folder / "results.csv", results(rows))
    return folder
