"""Where each outcome of a review stands: its evidence, what is proposed, what people judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from review.errors import InputError, ReviewError, UnknownNameError
from review.schema.certainty_file import DOMAINS, OutcomeCertainty
from review.workflow.certainty.domain_proposals import Proposal, proposals
from review.workflow.certainty.outcome_evidence import Evidence, evidence_of
from review.workflow.certainty.summary_of_findings import Finding, findings
from review.workflow.coding.assessment_files import load_assessments
from review.workflow.pooling.settings_run import run_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.project import Review
    from review.workflow.pooling.settings_run import AnyRun


@dataclass(frozen=True)
class OutcomeState:
    """One outcome.

    Attributes:
        outcome: as `certainty.toml` has it; empty where it does not.
        stands: whether the file has it.
        finding: its row of the summary.
        evidence: None where there is no pooled result (`finding.why` is the reason).
        proposals: by domain; none without evidence.
    """

    outcome: OutcomeCertainty
    stands: bool
    finding: Finding
    evidence: Evidence | None
    proposals: dict[str, Proposal]

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        judged = {d: getattr(self.outcome, d) for d in DOMAINS}
        return {
            **self.finding.to_dict(),
            "in_file": self.stands,
            "start": self.outcome.starting or None,
            "not_judged": list(self.outcome.lacking),
            "no_result": self.finding.why or None,
            "domains": {
                domain: {
                    "proposed": p.judgement if (p := self.proposals.get(domain)) else "",
                    "numbers": p.why if p else "",
                    "judged": None if found is None else found.model_dump(mode="json"),
                }
                for domain, found in judged.items()
            },
        }


def outcome_states(review: Review, names: Sequence[str] = ()) -> list[OutcomeState]:
    """Return where the outcomes of a review stand, those of `certainty.toml` first.

    Args:
        review: the review.
        names: of `[[meta]]` analyses; all of them without any.

    Raises:
        InputError: the review has no `[[meta]]` analysis.
        UnknownNameError: there is none of that name.
        DataError: files of the review have problems.
    """
    settings = {m.name.casefold(): m for m in review.settings.meta}
    if not settings:
        raise InputError(
            "certainty is judged for each [[meta]] analysis, and review.toml has none; "
            "docs/meta-tables.md says how to write one"
        )
    stated = {o.name.casefold(): o for o in review.certainty}
    wanted = list(dict.fromkeys([*(n for n in stated if n in settings), *settings]))
    if names:
        unknown = [n for n in names if n.casefold() not in settings]
        if unknown:
            known = [m.name for m in review.settings.meta]
            raise UnknownNameError("outcome", unknown[0], known, where="among the [[meta]]")
        wanted = [n for n in wanted if n in {name.casefold() for name in names}]
    assessed = load_assessments(review)
    found = []
    for key in wanted:
        kept = settings[key]
        run = run_named(review, kept)
        outcome = stated.get(key) or OutcomeCertainty(name=kept.name)
        found.append(_state(outcome, key in stated, run, kept.title_text, assessed))
    return found


def _state(
    outcome: OutcomeCertainty,
    stands: bool,
    run: AnyRun | ReviewError,
    title: str,
    assessed: Any,
) -> OutcomeState:
    evidence = None
    shown = run.message if isinstance(run, ReviewError) else run
    (finding,) = findings((outcome,), lambda _: shown, lambda _: title)
    if not finding.why and not isinstance(run, ReviewError):
        evidence = evidence_of(run, outcome, title)
    suggested = {} if evidence is None else proposals(evidence, outcome, assessed or None)
    return OutcomeState(outcome, stands, finding, evidence, suggested)
