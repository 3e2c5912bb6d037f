"""Published and coded numbers against arithmetic: every claim with its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.report.blocks import Bullets, Cell, Estimate, Group, Section, empty, text
from review.report.results import Lacking
from review.report.table_cells import table_of
from review.workflow.audit import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.report.blocks import Block, Table
    from review.report.results import Results
    from review.workflow.audit import Claim

TITLE: Final = "Audit of claims"
TONES: Final = {
    Verdict.CONFIRMED: "good",
    Verdict.CONSISTENT: "good",
    Verdict.ROUNDING: "warn",
    Verdict.INCONSISTENT: "bad",
    Verdict.IMPOSSIBLE: "bad",
    Verdict.UNCHECKED: "none",
}
MEANING: Final = {
    Verdict.CONFIRMED: "recomputed from other stated numbers, with the number printed",
    Verdict.CONSISTENT: "a condition that the number has to fulfil holds",
    Verdict.ROUNDING: "rounding or cutting off printed digits explains the difference",
    Verdict.INCONSISTENT: "stated numbers contradict each other",
    Verdict.IMPOSSIBLE: "no data can give the number",
    Verdict.UNCHECKED: "what the check needs is not stated",
}


def build(results: Results) -> Section:
    """Return the section."""
    report = results.audit
    if isinstance(report, Lacking):
        return empty("audit", TITLE, "Nothing was audited.", report.reason)
    if not report.claims:
        return empty("audit", TITLE, "The review states nothing to be checked.", *report.notes)
    counts = [
        {"verdict": Cell(v.value, tone=TONES[v]), "claims": report.counts[v.value],
         "meaning": MEANING[v]}
        for v in Verdict
    ]  # fmt: skip
    blocks: list[Block] = [
        text(
            f"{len(report.claims):,} statements were checked; {len(report.failed):,} contradict "
            "arithmetic or other statements. The digits as printed decide the tolerance."
        ),
        table_of(counts, caption="Claims by verdict"),
    ]
    if report.failed:
        inside = _claims(report.failed, "Claims that fail", "audit-failed")
        blocks.append(Group("audit-failed", "What does not hold", (inside,)))
    inside = _claims(report.claims, "All claims", "audit", folded=True)
    blocks.append(Group("audit-all", "Every claim", (inside,)))
    if report.notes:
        blocks.append(Bullets(tuple((note,) for note in report.notes)))
    checks = sorted({claim.check for claim in report.claims})
    return Section(
        "audit", TITLE, tuple(blocks),
        methods=(
            (f"Stated numbers were audited ({', '.join(checks)}); each was recomputed within the "
            "range that its printed digits allow, and shares were tested for being possible with "
            "the stated test set (GRIM)."),
        ),
        references=("brown2017",),
        estimates=tuple(
            Estimate(f"audit.{v.value}", f"Claims that are '{v.value}'",
                     float(report.counts[v.value]), n=len(report.claims))
            for v in Verdict
        ),
    )  # fmt: skip


def _claims(claims: Sequence[Claim], caption: str, name: str, *, folded: bool = False) -> Table:
    rows: list[dict[str, Any]] = [
        {
            "verdict": Cell(c.verdict.value, tone=TONES[c.verdict]),
            "claim": c.claim,
            "printed": c.reported,
            "recomputed": c.recomputed,
            "computation": c.computation,
            "note": c.note,
            "study": c.study_id or "",
            "source": c.source,
        }
        for c in claims
    ]
    return table_of(rows, caption=caption, name=name, folded=folded)
