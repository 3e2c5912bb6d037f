"""Overall judgements of risk of bias: no better than that of the worst domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.schema.assessment import OVERALL
from review.workflow.audit.claim import Claim, Verdict

if TYPE_CHECKING:
    from review.project import Review
    from review.schema.assessment import Level
    from review.workflow.coding.assessments import Judgement

# tools whose guidance says so: RoB 2 (Sterne et al. 2019, table 1), ROBINS-I (Sterne et al. 2016,
# table 2); both let the overall judgement be worse
_TOOLS: Final = ("RoB 2", "ROBINS-I")
_ORDER: Final[dict[Level, int]] = {"low": 0, "some": 1, "high": 2, "critical": 3}
_NO_INFORMATION: Final = "no information"
FILE: Final = "risk_of_bias.csv"


def check_overall(review: Review) -> list[Claim]:
    """Return one claim per assessed unit whose domains and overall judgement are both stated."""
    from review.workflow.coding.assessment_files import load_assessments

    found = load_assessments(review)
    claims = []
    for name in found.tools:
        if name not in _TOOLS:
            continue
        for (study_id, unit), cells in found.table(name).items():
            overall = cells.get((OVERALL, "bias"))
            domains = {d: j for (d, kind), j in cells.items() if kind == "bias" and d != OVERALL}
            if overall is None or not domains:
                continue
            claims.append(_one(name, study_id, unit, overall, domains))
    return claims


def _one(
    tool: str, study_id: str, unit: str, overall: Judgement, domains: dict[str, Judgement]
) -> Claim:
    known = {d: j for d, j in domains.items() if j.level in _ORDER}
    worst = max(known.items(), key=lambda x: _ORDER[x[1].level], default=None)
    about = f" of {unit}" if unit else ""
    text = f"{tool}, overall judgement '{overall.word}'{about} is no better than its domains"
    verdict, shown, note = Verdict.CONSISTENT, "", ""
    if worst is not None:
        shown = f"{worst[0]} is '{worst[1].word}'"
        severity = _ORDER[worst[1].level]
        if overall.level in _ORDER:
            better = _ORDER[overall.level] < severity
        else:  # 'no information' is for studies without a sign of serious risk
            better = overall.word == _NO_INFORMATION and severity >= _ORDER["high"]
        verdict = Verdict.INCONSISTENT if better else Verdict.CONSISTENT
        note = f"the guidance of {tool} has the worst domain as the least" if better else ""
    if overall.level not in _ORDER and verdict is Verdict.CONSISTENT:
        verdict, note = Verdict.UNCHECKED, "the overall judgement is not settled or has no rank"
    least = "" if worst is None else worst[1].word
    return Claim("risk of bias", text, verdict, overall.word, least, shown, FILE, note, study_id)
