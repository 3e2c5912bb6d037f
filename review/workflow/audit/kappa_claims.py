"""Cohen's kappa beside the agreement that it was computed from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.stats.consistency.kappa_range import kappa_given, kappa_limits
from review.workflow.audit.claim import Claim, Verdict

if TYPE_CHECKING:
    from review.stats.consistency.rounding_ranges import Printed
    from review.workflow.audit.facts import Facts


def check_kappa(facts: Facts) -> list[Claim]:
    """Check kappa against observed and expected agreement; percentages are told by size."""
    kappa, observed = facts.get("kappa"), facts.get("agreement")
    if kappa is None or observed is None or not -1 <= kappa.value <= 1:
        return []
    share = _share(observed)
    if not share[1] >= 0 or share[0] > 1:
        return [facts.claim("kappa", f"agreement {observed} is a share or a percentage",
                            Verdict.IMPOSSIBLE, reported=observed, at="agreement")]  # fmt: skip
    expected = facts.get("expected_agreement")
    text = f"kappa {kappa} belongs to agreement {observed}"
    if expected is not None:
        text += f" with {expected} expected by chance"
        low, high = kappa_given(share, _share(expected))
    else:
        low, high = kappa_limits(*share)
    fits = kappa.fit(low, high) != "no"
    shown = f"kappa is between {low:.3f} and {high:.3f}"
    if fits:
        verdict = Verdict.CONSISTENT if expected is None else Verdict.CONFIRMED
        return [facts.claim("kappa", text, verdict, reported=kappa, computation=shown,
                            at="kappa")]  # fmt: skip
    weighted = any("weight" in w.casefold() for w in facts.words.values())
    return [
        facts.claim("kappa", text, Verdict.UNCHECKED if weighted else Verdict.INCONSISTENT,
                    reported=kappa, computation=shown, at="kappa",
                    note="a weighted kappa, or a mean over pairs of raters, need not lie there")
    ]  # fmt: skip


def _share(stated: Printed) -> tuple[float, float]:
    per = 100 if stated.value > 1 else 1
    return float(stated.low) / per, float(stated.high) / per
