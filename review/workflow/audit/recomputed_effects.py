"""An effect that is printed beside the counts or means of its two groups."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from review.errors import InputError, StatsError
from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.facts import decimal_text

if TYPE_CHECKING:
    from review.stats.consistency.effect_candidates import Candidate
    from review.stats.consistency.rounding_ranges import Printed
    from review.workflow.audit.facts import Facts

_ADJUSTED: Final = re.compile(
    r"\b(adj|multivari|propensity|weighted|matched|aor\b|arr\b|ancova|lsm)"
)
OF_COUNTS: Final = ("OR", "RR", "RD")
OF_MEANS: Final = ("MD", "SMD")
_DIRECTIONS: Final = ("", "group 2 against group 1")
_NAME: Final = "an adjusted, stratified or imputed estimate would differ"


def check_recomputed_effects(facts: Facts) -> list[Claim]:
    """Check OR, RR, RD, MD and SMD against the counts or means of the groups in the row."""
    from review.workflow.pooling.metric_names import named_measure

    estimate, word = facts.get("estimate"), facts.words.get("measure", "").strip()
    named = named_measure(word) if word else None
    if estimate is None or named is None or named[1] != "est":
        return []
    if not facts.has("n1", "n2") and not facts.has("mean1", "mean2"):
        return []
    try:
        found = _candidates(facts, named[0])
    except (InputError, StatsError):
        return []  # groups that cannot exist are said elsewhere
    events = [(facts.count(f"events{i}"), facts.count(f"n{i}")) for i in (1, 2)]
    claims = [
        facts.claim("effect", f"{e} events among {n}", Verdict.IMPOSSIBLE, at=f"events{i}",
                    reported=e, computation=f"{e} > {n}")
        for i, (e, n) in enumerate(events, 1)
        if e is not None and n is not None and e > n
    ]  # fmt: skip
    return claims or ([_compared(facts, word, estimate, found, named[0])] if found else [])


def _candidates(facts: Facts, measure: str) -> list[Candidate]:
    from review.stats.consistency.effect_candidates import effects_of_counts, effects_of_means

    sizes = facts.count("n1"), facts.count("n2")
    if measure in OF_COUNTS:
        events = facts.count("events1"), facts.count("events2")
        if None in events or None in sizes:
            return []
        e1, e2, n1, n2 = (int(x or 0) for x in (*events, *sizes))
        if min(n1, n2) < 1 or e1 > n1 or e2 > n2:
            return []
        return effects_of_counts(measure, (e1, e2), (n1, n2))
    if measure not in OF_MEANS or not facts.has("mean1", "mean2"):
        return []
    means = facts.numbers["mean1"], facts.numbers["mean2"]
    sds = (facts.numbers["sd1"], facts.numbers["sd2"]) if facts.has("sd1", "sd2") else None
    both = (int(sizes[0] or 0), int(sizes[1] or 0)) if None not in sizes else None
    return effects_of_means(measure, means, sds, both)


def _compared(
    facts: Facts, word: str, estimate: Printed, found: list[Candidate], measure: str
) -> Claim:
    plain = found[0]
    by = "counts" if measure in OF_COUNTS else "means"
    text = f"{word} {estimate} belongs to the {by} of its groups"
    shown = "; ".join(
        f"{c.how or 'group 1 against group 2'}: {_span(c, estimate)}"
        for c in found
        if c.how in ("", "group 2 against group 1")
    )
    fits = [(estimate.fit(c.low, c.high), c.how) for c in found]
    note = ""
    if fits[0][0] == "rounds" and not fits[0][1]:
        verdict = Verdict.CONFIRMED
    elif any(fit != "no" for fit, _ in fits):
        fit, how = min((f for f in fits if f[0] != "no"), key=lambda f: f[0] != "rounds")
        verdict = Verdict.ROUNDING if not how else Verdict.CONSISTENT
        cut = "digits were cut off instead of rounded" if fit == "cut off" else ""
        note = "; ".join(filter(None, (how, cut)))
    else:
        adjusted = any(_ADJUSTED.search(w.casefold()) for w in facts.words.values())
        verdict = Verdict.UNCHECKED if adjusted else Verdict.INCONSISTENT
        note = f"in neither direction; {_NAME}" if not adjusted else _NAME
    return facts.claim("effect", text, verdict, reported=estimate, computation=shown, note=note,
                       recomputed=_span(plain, estimate), at="estimate")  # fmt: skip


def _span(found: Candidate, like: Printed) -> str:
    low, high = decimal_text(found.low, like), decimal_text(found.high, like)
    return low if low == high else f"{low} to {high}"
