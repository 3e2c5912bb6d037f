"""Which columns of a file hold which numbers of a meta-analysis: named by the user, or by heading.

Nothing is guessed silently: what was read as what is a note, and a name that contradicts what a
column is used for is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from review.errors import InputError, UnknownNameError
from review.stats.effects.heading_names import names_standard_error, names_variance, plain_name
from review.words import listed
from review.workflow.pooling.arm_headings import arm_columns
from review.workflow.pooling.metric_names import (
    BESIDE,
    ESTIMATES,
    named_measure,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from review.stats.effects.measure import Measure
    from review.workflow.pooling.plain_table import PlainTable

# measures that a file without a measure is likely to be about
USUAL: Final = (
    "OR", "RR", "RD", "IRR", "IRD", "MD", "SMD", "ROM", "ZCOR", "PLO", "PFT", "IRLN", "MN",
)  # fmt: skip
# effects and standard errors as R packages and RevMan write them
PAIRS: Final = (("te", "sete"), ("giv_mean", "giv_se"))
LOG_SE: Final = ("yi", "se")
EFFECTS: Final = ("yi", "vi", "sei", "ni")
_SPREAD: Final = ("vi", "sei")


@dataclass(frozen=True)
class Arguments:
    """Columns of a file by argument.

    Attributes:
        columns: argument -> heading.
        measure: the measure, or None when effects and variances are given without one.
        notes: what was read as what, when headings decided it.
    """

    columns: dict[str, str]
    measure: Measure | None
    notes: list[str] = field(default_factory=list)


def choose_columns(
    table: PlainTable,
    named: Mapping[str, str],
    measure: Measure | None,
    *,
    arms: bool = False,
) -> Arguments:
    """Return the columns to use.

    Args:
        table: the file.
        named: argument -> heading, as the user says; empty to go by the headings.
        measure: the measure, when the user names one.
        arms: whether rows are arms.

    Raises:
        UnknownNameError: a heading or an argument does not exist.
        InputError: the columns do not make an effect, or a name says that they hold something else.
    """
    for column in named.values():
        table.has(column)
    if arms:
        return _of_arms(table, named, measure)
    found = Arguments(dict(named), measure) if named else _by_name(table, measure)
    found = _measure_of_estimate(table, found)
    _check_arguments(found)
    _check_names(found)
    return found


def _measure_of_estimate(table: PlainTable, found: Arguments) -> Arguments:
    """Take the measure from the heading of the estimates where the user names none."""
    heading = found.columns.get("est")
    if found.measure is not None or heading is None:
        return found
    said = named_measure(heading)
    if said is None:
        raise InputError(
            f"est={heading} of {table.name} needs --measure, such as --measure HR: estimates are "
            "pooled on the scale of their measure"
        )
    from review.stats.effects.measure_registry import find_measure

    code, column = said
    if column == "yi":
        raise InputError(
            f"column {heading!r} holds logarithms by its name: give it as --yi {heading} with "
            f"--measure {code}"
        )
    note = f"column {heading!r} is read as {code}: {find_measure(code).label}"
    return Arguments(found.columns, find_measure(code), [*found.notes, note])


def _of_arms(table: PlainTable, named: Mapping[str, str], measure: Measure | None) -> Arguments:
    from review.workflow.pooling.arm_rows import arm_arguments

    if measure is None:
        raise InputError("rows that are arms need --measure, such as --measure OR")
    known = arm_arguments(measure)
    for argument in named:
        if argument not in known:
            raise UnknownNameError("argument", argument, known, where="of one arm")
    columns = dict(named) or {name: name for name in known if name in table.header}
    if not columns:
        raise InputError(
            f"which columns of {table.name} hold the numbers of an arm? name them with --column, "
            f"such as xi=events and ni=n (its columns: {', '.join(table.header)})"
        )
    return Arguments(columns, measure)


def _by_name(table: PlainTable, measure: Measure | None) -> Arguments:
    """Return the columns of a file that are called as the arguments that are needed."""
    header = table.header
    if measure is not None:
        from review.stats.effects.ways import NAMED_ONLY, ways_of

        ways = ways_of(measure)
        here = {name for name in ways.names() if name in header and name not in NAMED_ONLY}
        used = ways.used(here)
        if used:
            return Arguments({name: name for name in ways.names() if name in used}, measure)
        arms = arm_columns(header, measure)
        if arms and ways.used(set(arms)):
            read = ", ".join(f"{argument} from {heading}" for argument, heading in arms.items())
            return Arguments(arms, measure, [f"two groups told by the headings: {read}"])
    if "yi" in header and ("vi" in header or "sei" in header):
        spread = "vi" if "vi" in header else "sei"
        return Arguments({"yi": "yi", spread: spread}, measure)
    found = _written_pair(table, measure)
    if found is not None:
        return found
    found = _estimate_by_heading(header, measure)
    if found is not None:
        return found
    if measure is not None:
        raise InputError(
            f"{table.name} has no column that is called as {measure.code} needs it "
            f"({measure.family.needs}; or est with se, ci_lb and ci_ub, or pval); map yours with "
            f"--column, such as ai=tpos. Its columns are {', '.join(header)}"
        )
    raise InputError(
        "which columns hold the effects? name them with --yi and --vi (or --sei), or raw numbers "
        f"with --measure and --column; {table.name} has {', '.join(header)}{_measures_of(header)}"
    )


def _measures_of(header: Iterable[str]) -> str:
    """Say which measures the headings hold the numbers of, or nothing."""
    from review.stats.effects.measure_registry import find_measure

    names = list(header)
    found: list[str] = []
    read: dict[str, str] = {}
    for code in USUAL:
        measure = find_measure(code)
        for columns in ({n: n for n in names}, arm_columns(names, measure)):
            ways = [way for way in measure.family.alternatives if set(way) <= columns.keys()]
            if ways:
                found.append(code)
                read |= {argument: columns[argument] for argument in ways[0]}
                break
    if not found:
        return ""
    held = ", ".join(a if a == h else f"{a} from {h}" for a, h in read.items())
    return f". These are the numbers of {listed(found, last='or')} ({held}): name it (--measure)"


def _written_pair(table: PlainTable, measure: Measure | None) -> Arguments | None:
    """Find effects and standard errors by the headings that other programs write.

    Raises:
        InputError: the rows compare several pairs of treatments.
    """
    plain = {plain_name(h): h for h in table.header}
    pair = next((p for p in PAIRS if all(n in plain and any(table.texts(plain[n])) for n in p)), ())
    if not pair:
        return None
    if {"treat1", "treat2"} <= plain.keys():
        pairs = zip(*(table.texts(plain[n]) for n in ("treat1", "treat2")), strict=True)
        if len({frozenset(pair) for pair in pairs}) > 1:
            raise InputError(
                f"rows of {table.name} compare several pairs of treatments (treat1, treat2): "
                "--model nma compares all of them; --where keeps those of one pair"
            )
    columns = dict(zip(("yi", "sei"), (plain[name] for name in pair), strict=True))
    read = ", ".join(f"{argument} from {h}" for argument, h in columns.items())
    return Arguments(columns, measure, [f"effects told by the headings: {read}"])


def _estimate_by_heading(header: Iterable[str], measure: Measure | None) -> Arguments | None:
    """Find an estimate with its interval, standard error or p-value by their headings."""
    plain = {plain_name(h): h for h in header}
    candidates = []
    for heading in header:
        said = named_measure(heading)
        if said is not None and (measure is None or said[0] == measure.code):
            candidates.append((said[1], heading, said[0]))
    if not candidates and measure is not None:
        candidates = [("est", plain[n], measure.code) for n in ESTIMATES if n in plain]
    if len(candidates) != 1:
        return None
    column, heading, code = candidates[0]
    columns = {column: heading}
    for argument, names in BESIDE.items():
        own = plain_name(heading)  # selogHR beside logHR; beside a ratio it is unclear of what
        called = (f"se{own}", f"se_{own}", f"{own}_se") if (column, argument) == LOG_SE else ()
        usual = (n for n in (*called, *names) if n in plain and plain[n] != heading)
        match = next((plain[n] for n in usual), None)
        if match is not None:
            columns["sei" if column == "yi" and argument == "se" else argument] = match
    if not columns.keys() & {"ci_lb", "ci_ub", "se", "sei", "pval"}:
        return None
    from review.stats.effects.measure_registry import find_measure

    found = find_measure(code)
    listed = ", ".join(f"{argument}={h}" for argument, h in columns.items())
    scale = "" if found.transf == "identity" else ", pooled on the scale of the analysis"
    return Arguments(columns, found, [f"read as {code} ({found.label}{scale}): {listed}"])


def _check_names(found: Arguments) -> None:
    """Refuse headings that say that their column holds something else than it is used for."""
    columns = found.columns
    vi, yi = columns.get("vi", ""), columns.get("yi", "")
    if vi and names_standard_error(vi):
        raise InputError(
            f"column {vi!r} holds standard errors by its name, not variances: give it as --sei {vi}"
        )
    for argument in ("sei", "se"):
        heading = columns.get(argument, "")
        if heading and names_variance(heading):
            raise InputError(
                f"column {heading!r} holds variances by its name, not standard errors: give it as "
                f"--vi {heading}"
            )
    said = named_measure(yi) if yi else None
    if said is not None and said[1] == "est" and said[0] in {"HR", "OR", "RR", "IRR", "ROM"}:
        raise InputError(
            f"column {yi!r} holds ratios by its name, and --yi takes their logarithms: give it "
            f"with --measure {said[0]} --column est={yi} and ci_lb=, ci_ub= or se= (of the "
            "logarithm), so that it is pooled on the log scale"
        )


def _check_arguments(found: Arguments) -> None:
    """Refuse columns that do not make an effect together."""
    given, measure = found.columns.keys(), found.measure
    if measure is not None:
        from review.stats.effects.ways import ways_of

        if given == {"yi"}:
            raise InputError("effects (--yi) need either --vi, their variances, or --sei")
        known = list(ways_of(measure).names())
        if "auc" in measure.family.allowed:
            known += ["est", "ci_lb", "ci_ub"]
        for argument in given:
            if argument not in known:
                where = f"of {measure.code}"
                raise UnknownNameError("argument", argument, known, where=where)
        return
    if "yi" in given:
        if len(given & set(_SPREAD)) != 1:
            raise InputError("effects (--yi) need either --vi, their variances, or --sei, not both")
    elif given & set(_SPREAD):
        raise InputError("--vi and --sei belong to effects: name their column with --yi")
    else:
        raise InputError(f"raw columns ({', '.join(given)}) need --measure, such as --measure RR")
    for argument in given:
        if argument not in EFFECTS:
            raise UnknownNameError("argument", argument, EFFECTS, where="beside effects")
