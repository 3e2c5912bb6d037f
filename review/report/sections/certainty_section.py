"""Summary of Findings: what is found for each outcome, and how sure it is (GRADE)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from review.report.blocks import Bullets, Section, empty, text
from review.report.findings_block import Findings, FindingsRow
from review.report.literature import Reference
from review.report.results import Lacking
from review.report.table_cells import table_of
from review.schema.certainty_file import DOMAINS
from review.schema.folder_files import CERTAINTY
from review.words import capital, listed, plural
from review.workflow.certainty.summary_of_findings import (
    ACCURACY,
    COMPARISON,
    GROUP,
    NOT_JUDGED,
    findings,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.report.blocks import Block
    from review.report.results import Results
    from review.schema.certainty_file import OutcomeCertainty
    from review.workflow.certainty.summary_of_findings import Finding
    from review.workflow.pooling.settings_run import AnyRun

TITLE: Final = "Summary of findings"
CAPTIONS: Final = {
    COMPARISON: "What was found for each outcome, and how sure it is",
    GROUP: "What was found in groups without a comparison, and how sure it is",
    ACCURACY: "What happens to people who are tested, and how sure it is",
}
# columns between the outcome and the certainty, and the cells of a line
COLUMNS: Final = {
    COMPARISON: ("Participants (studies)", "Relative effect", "Without", "With", "Difference"),
    GROUP: ("Participants (studies)", "On average", "In a new study"),
    ACCURACY: (
        "Participants (studies)", "Accuracy", "With the condition", "Found (true positives)",
        "Missed (false negatives)", "Cleared (true negatives)", "False alarms (false positives)",
    ),
}  # fmt: skip
CELLS: Final = {
    COMPARISON: ("without", "with", "difference"),
    GROUP: ("value", "new"),
    ACCURACY: ("prevalence", "found", "missed", "cleared", "alarmed"),
}
GRADE: Final = (
    Reference(
        "Guyatt GH, Oxman AD, Vist GE, et al. GRADE: an emerging consensus on rating quality of "
        "evidence and strength of recommendations. BMJ 2008;336:924-926.",
        "10.1136/bmj.39489.470347.AD",
    ),
    Reference(
        "Santesso N, Glenton C, Dahm P, et al. GRADE guidelines 26: informative statements to "
        "communicate the findings of systematic reviews of interventions. Journal of Clinical "
        "Epidemiology 2020;119:126-135.",
        "10.1016/j.jclinepi.2019.10.014",
    ),
)


def concerns(results: Results) -> bool:
    """Return whether the review says anything about certainty."""
    return results.review.has(CERTAINTY) and bool(results.review.certainty)


def build(results: Results) -> Section:
    """Return the section."""
    outcomes = results.review.certainty
    if not outcomes:
        return empty("certainty", TITLE, "The certainty of the evidence was not judged.")
    rows = findings(outcomes, lambda name: _run(results, name), results.meta_title)
    blocks: list[Block] = []
    for kind in (COMPARISON, ACCURACY, GROUP):
        mine = [row for row in rows if row.kind == kind]
        if mine:
            names = {row.name for row in mine}
            blocks.append(_table(kind, mine, [o for o in outcomes if o.name in names]))
    open_ = sum(o.level is None for o in outcomes)
    if open_:
        verb = "is" if open_ == 1 else "are"
        said = f"The certainty of {plural(open_, 'outcome')} {verb} {NOT_JUDGED}."
        blocks.append(text(said))
    judged = _judgements(outcomes, results)
    if judged:
        caption = "Every judgement of certainty, with its reason"
        blocks.append(table_of(judged, caption=caption, name="certainty", folded=True))
    return Section(
        "certainty",
        TITLE,
        tuple(blocks),
        has_data=bool(judged) or open_ < len(outcomes),
        methods=_methods(outcomes),
        references=GRADE,
    )


def _run(results: Results, name: str) -> AnyRun | str:
    found = results.kept(name)
    if found is None:
        return f"there is no analysis {name!r}"
    return found.reason if isinstance(found, Lacking) else found


def _table(kind: str, rows: Sequence[Finding], outcomes: Sequence[OutcomeCertainty]) -> Findings:
    notes: dict[str, int] = {}
    made = []
    for row in rows:
        said = [*row.reasons, *row.remarks]
        marks = tuple(notes.setdefault(note, len(notes)) for note in said)
        shared = (row.participants, *(() if kind == GROUP else (row.relative,)))
        lines = tuple(
            tuple(
                f"{line.baseline}: {text}" if i == 0 and line.baseline and text else text
                for i, text in enumerate(line.cells.get(name, "") for name in CELLS[kind])
            )
            for line in row.lines
        )
        made.append(
            FindingsRow(
                row.outcome, shared, lines or (("",) * len(CELLS[kind]),), row.sign, row.certainty,
                row.means, marks,
            )
        )  # fmt: skip
    columns = ("Outcome", *_headings(kind, outcomes), "Certainty", "What it means")
    table = Findings(f"findings-{kind}", CAPTIONS[kind], columns, tuple(made), tuple(notes))
    return replace(table, plain=_plain(table))


def _plain(table: Findings) -> tuple[Block, ...]:
    """Return the table with a row of its own for each baseline, and its notes as a list."""
    rows = [
        dict(
            zip(
                table.columns,
                (
                    row.outcome, *row.before, *line, f"{row.sign} {row.certainty}".strip(),
                    " ".join([row.means, *(f"[{table.letter(n)}]" for n in row.marks)]).strip(),
                ),
                strict=True,
            )
        )
        for row in table.rows
        for line in row.lines
    ]  # fmt: skip
    labels = {name: name for name in table.columns}
    made = table_of(rows, caption=table.caption, name=table.ident, labels=labels)
    notes = tuple((f"{table.letter(i)}: {note}",) for i, note in enumerate(table.notes))
    return (made, Bullets(notes)) if notes else (made,)


def _headings(kind: str, outcomes: Sequence[OutcomeCertainty]) -> list[str]:
    """Return the headings of a table; what is compared is named where it is the same in all."""
    who = {o.intervention for o in outcomes}
    than = {o.comparison for o in outcomes}
    names = list(COLUMNS[kind])
    if kind == COMPARISON and len(who) == 1 and (one := who.pop()):
        names[2:4] = [f"Without {one}", f"With {one}"]
    if kind == COMPARISON and len(than) == 1 and (other := than.pop()):
        names[2] = f"With {other}"
    return names


def _judgements(outcomes: Sequence[OutcomeCertainty], results: Results) -> list[dict[str, str]]:
    return [
        {
            "outcome": capital(o.outcome or results.meta_title(o.name)),
            "domain": capital(domain.replace("_", " ")),
            "judgement": judged.judgement,
            "reason": judged.why,
            "judged by": judged.who,
            "on": judged.when.isoformat() if judged.when else "",
        }
        for o in outcomes
        for domain in DOMAINS
        if (judged := o.judged(domain)) is not None
    ]


def _methods(outcomes: Sequence[OutcomeCertainty]) -> tuple[str, ...]:
    confirmed = [j for o in outcomes for d in DOMAINS if (j := o.judged(d)) is not None]
    if not confirmed:
        return ()
    people = sorted({j.who for j in confirmed if j.who})
    by = f" by {listed(people)}" if people else ""
    said = (
        f"Certainty of the evidence was judged with GRADE{by}; absolute effects follow from the "
        "pooled effect over the stated baseline, which is taken as known."
    )
    return (said,)
