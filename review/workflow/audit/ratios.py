"""Statements with numbers (`[[claims]]`): ratios, sums, differences, values implied by them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError, StatsError
from review.models.printed import parse
from review.stats.consistency.rounding_ranges import Printed, printed
from review.workflow.audit.checks import check_facts
from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.facts import decimal_text, facts_from

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Quantity:
    """A printed quantity: its value and what rounds to it, in units of one."""

    text: str
    value: Fraction
    low: Fraction
    high: Fraction


def quantity(value: Any) -> Quantity | None:
    """Return a printed quantity such as `134.2 M`, `60,000`, 51 or Decimal("0.93"), or None.

    Example:
        >>> found = quantity("134.2 M")
        >>> int(found.low), int(found.high)
        (134150000, 134250000)
    """
    if isinstance(value, bool) or value is None:
        return None
    try:
        if isinstance(value, str):
            seen = parse(value)  # thousands separators, and units such as M or million
            number, step = seen.value, seen.step
        else:
            number, step = printed(value).value, printed(value).unit
    except (InputError, StatsError):
        return None
    # a whole number without a unit is a count: nothing was rounded
    half = Fraction(0) if step == 1 else Fraction(step) / 2
    middle = Fraction(number)
    return Quantity(str(value), middle, middle - half, middle + half)


def look_up(data: Mapping[str, Any], path: Any) -> Quantity | None:
    """Return the quantity at a path such as `table1.VGG16.parameters`, or a number itself.

    Items of a list are found by their entry `model`, `name` or `key`, or by number from 1.
    """
    number = quantity(path)
    if number is not None or not isinstance(path, str):
        return number
    here: Any = data
    for part in path.split("."):
        if isinstance(here, dict):
            here = here.get(part)
        elif isinstance(here, list):
            named = [r for r in here if isinstance(r, dict)
                     and part in {r.get("model"), r.get("name"), r.get("key")}]  # fmt: skip
            numbered = here[int(part) - 1 : int(part)] if part.isdigit() and part != "0" else []
            here = next(iter(named or numbered), None)
        else:
            return None
    return quantity(here)


def check_stated_claims(data: Mapping[str, Any], review: str) -> list[Claim]:
    """Check every entry of `[[claims]]`.

    Kinds: `ratio` (numerator, denominator, value), `sum`, `product` (terms, value), `difference`
    (terms, value; the first minus the others), `percent` (numerator, denominator, value). Terms
    are numbers or paths into the file. Entries `A_minus_B` imply a value for A, which is compared
    with what other bundled reviews state. Anything else is checked as a row of facts.
    """
    claims: list[Claim] = []
    for i, entry in enumerate(data.get("claims") or [], 1):
        source = f"published.toml [[claims]] {i}"
        text = str(entry.get("text") or f"claim {i}")
        kind = str(entry.get("kind") or "")
        if kind in _KINDS:
            claims.append(_computed(data, entry, kind, text, source))
        elif any("_minus_" in key for key in entry):
            claims += _implied(entry, kind, text, source, review)
        else:
            found = check_facts(facts_from({"label": text} | entry, source))
            note = f"nothing is known to recompute a claim of kind {kind!r} from"
            claims += found or [Claim("claim", text, Verdict.UNCHECKED, source=source, note=note)]
    return claims


_KINDS: Final[dict[str, tuple[str, Callable[[list[Fraction]], Fraction]]]] = {
    "ratio": ("/", lambda x: x[0] / x[1]),
    "percent": ("/", lambda x: 100 * x[0] / x[1]),
    "sum": ("+", lambda x: sum(x, Fraction(0))),
    "difference": ("-", lambda x: x[0] - sum(x[1:], Fraction(0))),
    "product": ("x", lambda x: x[0] * (x[1] if len(x) > 1 else 1)),
}


def _computed(
    data: Mapping[str, Any], entry: Mapping[str, Any], kind: str, text: str, source: str
) -> Claim:
    paths = (
        [entry.get("numerator"), entry.get("denominator")]
        if kind in {"ratio", "percent"}
        else list(entry.get("terms") or [])
    )
    found = [look_up(data, path) for path in paths]
    value = entry.get("value")
    if value is None or not found or any(q is None for q in found):
        missing = [str(p) for p, q in zip(paths, found, strict=True) if q is None]
        note = f"not found: {', '.join(missing)}" if missing else "no value is stated"
        return Claim(kind, text, Verdict.UNCHECKED, source=source, note=note)
    terms = [q for q in found if q is not None]
    sign, compute = _KINDS[kind]
    if sign == "/" and terms[1].low <= 0 <= terms[1].high:
        return Claim(kind, text, Verdict.UNCHECKED, source=source, note="division by zero")
    stated = printed(value)
    corners = [compute(list(c)) for c in _corners(terms)]
    point = compute([t.value for t in terms])
    fit = stated.fit(point)
    if fit == "rounds":
        verdict = Verdict.CONFIRMED
    else:
        fit = stated.fit(min(corners), max(corners))
        verdict = Verdict.INCONSISTENT if fit == "no" else Verdict.ROUNDING
    shown = decimal_text(float(point), stated)
    ends = [decimal_text(float(x), stated) for x in (min(corners), max(corners))]
    span = f", {ends[0]} to {ends[1]} with rounding" if ends[0] != ends[1] else ""
    computation = f"{f' {sign} '.join(t.text for t in terms)} = {shown}"
    return Claim(kind, text, verdict, str(stated), shown, computation + span, source)


def _corners(terms: list[Quantity]) -> list[list[Fraction]]:
    """Return all combinations of ends, where a monotone function takes its extremes."""
    from itertools import product

    return [list(c) for c in product(*[(t.low, t.high) for t in terms[:12]])]


def _implied(
    entry: Mapping[str, Any], kind: str, text: str, source: str, review: str
) -> list[Claim]:
    """Check values that differences imply: A_minus_B = 2.6 and B = 6.7 imply A = 9.3."""
    values = {k: Decimal(str(v)) for k, v in entry.items()
              if isinstance(v, int | Decimal) and not isinstance(v, bool)}  # fmt: skip
    shown = {name: "stated" for name in values if "_minus_" not in name}
    known = {name: values[name] for name in shown}
    for name, gap in values.items():
        first, _, second = name.partition("_minus_")
        if second in known and first not in known:
            known[first] = known[second] + gap
            shown[first] = f"{known[second]} + {gap} = {known[first]}"
        elif second in known and first in known and "_minus_" in name:
            right = known[first] - known[second] == gap
            shown[first] += "" if right else f"; {known[first]} - {known[second]} is not {gap}"
    claims = []
    for name, value in known.items():
        verdict, note = _compare(name, printed(value), kind, review)
        claims.append(
            Claim("implied value", f"{name} has {kind.replace('_', ' ')} {value}: {text}", verdict,
                  str(value), "", shown[name], source, note)
        )  # fmt: skip
    return claims


def _compare(name: str, value: Printed, kind: str, review: str) -> tuple[Verdict, str]:
    """Compare a value of a model with what other bundled reviews print for it."""
    notes = []
    for other, row in _references(kind, review):
        stated = printed(row[kind])
        model, layers = str(row["model"]), row.get("layers")
        base, number = _split_name(name)
        its_base, its_number = _split_name(model)
        if base != its_base:
            continue
        depth = its_number or (str(layers) if number else "")
        if number != depth:
            notes.append(f"{other} prints {stated} for {model} with {layers} layers")
            continue
        if value.value == stated.value or value.fit(float(stated)) == "rounds":
            return Verdict.CONSISTENT, f"{other} prints {stated} for {model}"
        notes.append(f"{other} prints {stated} for {model}, perhaps measured otherwise")
    return Verdict.UNCHECKED, "; ".join(notes) or "no other source at hand states it"


def _split_name(model: str) -> tuple[str, str]:
    """Return the family and depth of a model's name: `VGG16` and `VGGNet` are one family.

    Example:
        >>> _split_name("VGG16"), _split_name("VGGNet"), _split_name("AlexNet")
        (('vgg', '16'), ('vgg', ''), ('alex', ''))
    """
    letters = re.sub(r"[^a-z]", "", model.casefold())
    return letters.removesuffix("net"), "".join(re.findall(r"\d+", model)[:1])


def _references(kind: str, review: str) -> list[tuple[str, dict[str, Any]]]:
    from review.project.find import bundled_reviews
    from review.resources import resource_dir

    found = []
    for name in bundled_reviews():
        path = resource_dir("data") / name / "published.toml"
        if name == review or not path.exists():
            continue
        data = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        for rows in data.values():
            found += [
                (name, row)
                for row in (rows if isinstance(rows, list) else [])
                if isinstance(row, dict) and "model" in row and kind in row
            ]
    return found
