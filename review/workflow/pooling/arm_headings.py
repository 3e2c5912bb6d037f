"""Two groups side by side, told by headings: events_treated, n_control, mean.e, sd2, tpos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.stats.effects.heading_names import plain_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from review.stats.effects.measure import Measure

# words for a group, joined by _; the control is the second group of every measure
_FIRST: Final = (
    "treatment", "treated", "treat", "trt", "intervention", "int", "experimental", "exp",
    "exposed", "active", "drug", "vaccine", "vaccinated", "e", "t", "1",
)  # fmt: skip
_SECOND: Final = (
    "control", "controls", "ctrl", "ctl", "con", "comparator", "comparison", "placebo",
    "unexposed", "untreated", "unvaccinated", "usual_care", "c", "2",
)  # fmt: skip
# number of a group -> what it is called
_NUMBERS: Final = {
    "events": ("events", "event", "n_events", "cases", "n_cases", "responders", "deaths", "pos"),
    "others": ("non_events", "nonevents", "no_events", "no_event", "event_free", "neg"),
    "n": ("n", "total", "size", "sample_size", "participants", "patients", "n_total",
          "randomised", "randomized", "analysed", "analyzed"),
    "mean": ("mean", "m"),
    "sd": ("sd", "std", "standard_deviation"),
    "se": ("se", "sem"),
    "time": ("person_time", "time", "person_years"),
}  # fmt: skip
_ARGUMENTS: Final = {
    "others": ("bi", "di"), "n": ("n1i", "n2i"), "mean": ("m1i", "m2i"), "sd": ("sd1i", "sd2i"),
    "se": ("se1i", "se2i"), "time": ("t1i", "t2i"),
}  # fmt: skip
# letters that stand before a number without a sign between, as in tpos and cneg; shorter ones are
# too often another word
_SHORTEST_JOINED: Final = 3
_BY_WORD: Final = {word: number for number, words in _NUMBERS.items() for word in words}


def arm_columns(header: Iterable[str], measure: Measure) -> dict[str, str]:
    """Return the columns of two groups by their headings: argument -> heading.

    Args:
        header: of a file.
        measure: of two groups.

    Returns:
        Nothing unless each number stands there once for both groups.

    Example:
        >>> from review.stats.effects.measure_registry import find_measure
        >>> header = ["study", "events_treated", "n_treated", "Events (control)", "n control"]
        >>> arm_columns(header, find_measure("RR"))["ci"]
        'Events (control)'
        >>> arm_columns(["study", "events_treated", "n_treated"], find_measure("RR"))
        {}
    """
    found: dict[tuple[str, int], list[str]] = {}
    for heading in header:
        told = _told(plain_name(heading))
        if told is not None:
            found.setdefault(told, []).append(heading)
    columns: dict[str, str] = {}
    for number in _NUMBERS:
        groups = [found.get((number, group), []) for group in (0, 1)]
        if all(len(group) == 1 for group in groups):
            names = _arguments(number, measure)
            columns |= {n: g[0] for n, g in zip(names, groups, strict=False)}
        elif any(groups):
            return {}  # one group alone, or two columns of one number
    return columns


def _arguments(number: str, measure: Measure) -> tuple[str, ...]:
    """Return the arguments of a number in both groups; none where the measure has no use for it."""
    allowed = measure.family.allowed
    if number == "events":
        return next((names for names in (("ai", "ci"), ("x1i", "x2i")) if names[0] in allowed), ())
    names = _ARGUMENTS[number]
    usable = names[0] in allowed or (number == "se" and "sd1i" in allowed)
    return names if usable else ()


def _told(name: str) -> tuple[str, int] | None:
    """Return the number and the group that a heading names, or None."""
    for group, words in enumerate((_FIRST, _SECOND)):
        for word in words:
            for rest in _without(name, word, joined=word.isdigit()):
                if rest in _BY_WORD:
                    return _BY_WORD[rest], group
            rest = name.removeprefix(word)
            if len(word) == 1 and len(rest) >= _SHORTEST_JOINED and name != rest in _BY_WORD:
                return _BY_WORD[rest], group
    return None


def _without(name: str, word: str, *, joined: bool) -> list[str]:
    """Return a heading without the word of its group, at its end or its start."""
    rests = []
    if name.endswith(f"_{word}"):
        rests.append(name.removesuffix(f"_{word}"))
    if name.startswith(f"{word}_"):
        rests.append(name.removeprefix(f"{word}_"))
    if joined and name.endswith(word):
        rests.append(name.removesuffix(word))
    return rests
