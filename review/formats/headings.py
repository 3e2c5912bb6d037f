"""Headings of a sheet to the variables that they mean; what is matched how is always said."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from review.errors import UnknownNameError, suggest
from review.formats.grid import letters
from review.formats.heading_synonyms import SAME_UNIT, SYNONYMS, UNITS
from review.project.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from review.formats.sheet_table import SheetTable

SAVED: Final = "saved mapping"
IGNORED: Final = "-"  # --map "Notes=-": the column is not read
_BRACKETS: Final = re.compile(r"\s*[(\[]([^()\[\]]*(?:\([^()]*\))?[^()\[\]]*)[)\]]\s*$")
_COUNT: Final = re.compile(
    r"^(?:(?:n(?:umber|um|o|r|br)?|count|total n|total number)\b\.?|[#№])\s*(?:of\b)?\s*(?=\w)"
)


@dataclass(frozen=True)
class Target:
    """A variable that a heading can mean."""

    name: str
    label: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Match:
    """A heading and what it means; `names` has several for a cell with several numbers."""

    heading: str
    names: tuple[str, ...]
    how: str

    def __str__(self) -> str:
        """`'First author' -> first_author (known synonym)`."""
        return f"{self.heading!r} -> {'+'.join(self.names)} ({self.how})"


@dataclass
class Matches:
    """What the headings of a table mean.

    Attributes:
        found: in the order of the columns.
        unknown: headings that mean no variable.
        problems: headings that clash.
    """

    found: list[Match] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def headings(self) -> dict[str, str]:
        """Variable -> heading, of columns with one variable."""
        return {m.names[0]: m.heading for m in self.found if len(m.names) == 1}

    def notes(self) -> list[str]:
        """Say which headings were matched by more than their name."""
        saved = sum(m.how == SAVED for m in self.found)
        said = [str(m) for m in self.found if m.how not in {"name", SAVED}]
        if saved:
            said.append(f"{saved} as saved in mappings.toml")
        return [f"headings: {', '.join(said)}"] if said else []


def match_headings(
    table: SheetTable, targets: Sequence[Target], saved: Mapping[str, str] | None = None
) -> Matches:
    r"""Return which heading means which variable.

    In this order: what the user says (`--map`), a saved mapping, the variable's name, its label,
    a known synonym, and each of these without the unit in brackets. A worse match gives way to a
    better one; two of the same rank are a problem.

    Args:
        table: with its headings and the user's mapping.
        targets: the variables.
        saved: heading -> variables, from an earlier file with the same headings.

    Raises:
        UnknownNameError: the user's mapping names a heading or variable that is not there.

    Example:
        >>> from review.formats.reading import table_from_bytes
        >>> table = table_from_bytes(b"First author,N patients\nKim,3\n", "a.csv")
        >>> matches = match_headings(table, [Target("first_author"), Target("n_patients")])
        >>> matches.headings
        {'first_author': 'First author', 'n_patients': 'N patients'}
    """
    known = [t.name for t in targets]
    given = given_names(table, known)
    ranked: list[tuple[int, Match]] = []
    matches = Matches()
    for heading in table.headings:
        found = _find(heading, targets, given, saved or {})
        if found is not None:
            ranked.append(found)
        elif given.get(heading) != (IGNORED,):
            matches.unknown.append(heading)
    for rank, match in ranked:
        rivals = [(r, m) for r, m in ranked if m is not match and set(m.names) & set(match.names)]
        if any(r < rank for r, _ in rivals):
            matches.unknown.append(match.heading)
            continue
        same = [m for r, m in rivals if r == rank]
        if same and all(m not in matches.found for m in same):  # each clash once
            matches.problems.append(_clash(table, match, same))
        matches.found.append(match)
    _check_units(table, targets, matches)
    return matches


def given_names(
    table: SheetTable, known: Iterable[str] | None = None
) -> dict[str, tuple[str, ...]]:
    """Return the user's mapping by the headings of the table: heading -> names.

    Args:
        table: with its headings and the options of the user.
        known: the names that there are; without them any name will do.

    Raises:
        UnknownNameError: the mapping names a heading or variable that is not there.
    """
    folded = {fold(h): h for h in table.headings}
    found = {}
    for heading, names in table.options.mapping.items():
        exact = heading if heading in table.headings else folded.get(fold(heading))
        if exact is None:
            raise UnknownNameError("heading", heading, table.headings, where=f"in {table.source}")
        found[exact] = _names(names, known, heading)
    return found


def _names(text: str, known: Iterable[str] | None, heading: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split("+"))
    for name in names:
        if known is not None and name not in known and name != IGNORED:
            raise UnknownNameError("variable", name, known, where=f"for the heading {heading!r}")
    return names


def _find(
    heading: str,
    targets: Sequence[Target],
    given: Mapping[str, tuple[str, ...]],
    saved: Mapping[str, str],
) -> tuple[int, Match] | None:
    """Return the best match of one heading with its rank (0 is best), or None."""
    if heading in given:
        names = given[heading]
        return None if names == (IGNORED,) else (0, Match(heading, names, "--map"))
    if heading in saved:
        names = tuple(saved[heading].split("+"))
        if names == (IGNORED,):
            return None
        if set(names) <= {t.name for t in targets}:
            return 1, Match(heading, names, SAVED)
    bare = without_unit(heading)
    for rank, text in ((2, heading), (6, bare if bare != heading else None)):
        if text is None:
            continue
        key = fold(text)
        for step, (how, keys) in enumerate(_KEYS):
            fits = [t for t in targets if key in keys(t)]
            if fits and (text == fits[0].name or key):
                words = "name" if how == "name" and text is heading else how
                words += (
                    f", without {heading[len(bare) :].strip()!r}" if text is not heading else ""
                )
                return rank + step, Match(heading, (fits[0].name,), words)
    return None


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Return a heading by which spellings are compared.

    Example:
        >>> fold("No. of patients") == fold("n_patients") == fold("# Patients")
        True
    """
    plain = unicodedata.normalize("NFKD", text.replace("_", " ")).casefold().strip()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^\w%]|_", "", _COUNT.sub("n ", plain)) or plain


def _by_name(target: Target) -> set[str]:
    return {fold(target.name)}


def _by_label(target: Target) -> set[str]:
    return {fold(target.label)} if target.label else set()


def _by_synonym(target: Target) -> set[str]:
    return {fold(s) for s in SYNONYMS.get(target.name, ())}


_KEYS: Final = (("name", _by_name), ("label", _by_label), ("known synonym", _by_synonym))


def unit_of(heading: str) -> str:
    """Return what stands in brackets at the end of a heading, or "".

    Example:
        >>> unit_of("Age (years)"), unit_of("AUC [95% CI]"), unit_of("AUC")
        ('years', '95% CI', '')
    """
    match = _BRACKETS.search(heading)
    return match[1].strip() if match else ""


def without_unit(heading: str) -> str:
    """Return a heading without the unit in brackets; with other brackets as it is.

    Example:
        >>> without_unit("Age (years)"), without_unit("AUC (external)"), without_unit("Age, y")
        ('Age', 'AUC (external)', 'Age')
    """
    match = _BRACKETS.search(heading)
    if match and _is_unit(match[1]):
        return heading[: match.start()].strip()
    head, comma, tail = heading.rpartition(",")
    return head.strip() if comma and head.strip() and _is_unit(tail) else heading


def _is_unit(text: str) -> bool:
    return re.sub(r"\s", "", text).casefold().lstrip("=") in UNITS


def _check_units(table: SheetTable, targets: Sequence[Target], matches: Matches) -> None:
    """Refuse a heading in another unit than the variable's, unless the user maps it."""
    by_name = {t.name: t for t in targets}
    for match in matches.found:
        target = by_name.get(match.names[0])
        unit = unit_of(match.heading)
        if target is None or not target.unit or match.how in {"--map", SAVED}:
            continue
        if _measures(unit) and _measures(target.unit) and _base(unit) != _base(target.unit):
            matches.problems.append(
                _heading_problem(
                    table, match.heading, f"the unit {unit!r} is not that of {target.name} "
                    f"({target.unit})",
                    remedy="convert the column; if the numbers are right as they are, "
                    f"--map {f'{match.heading}={target.name}'!r}",
                )
            )  # fmt: skip


def _base(unit: str) -> str:
    plain = unit.strip().casefold()
    return next((same[0] for same in SAME_UNIT if plain in same), plain)


def _measures(unit: str) -> bool:
    """Tell whether words are a unit that numbers can be converted from."""
    plain = unit.strip().casefold()
    counted = {"n", "no", "patients", "images", "cases", "participants", "studies", "scans"}
    shown = {"sd", "se", "mean", "median", "iqr", "range", "ci", "95% ci", "n/n", "y/n", "yes/no"}
    return bool(plain) and _is_unit(plain) and plain not in counted | shown and "(" not in plain


def _clash(table: SheetTable, match: Match, rivals: Sequence[Match]) -> Problem:
    others = " and ".join(repr(m.heading) for m in rivals)
    name = next(n for n in match.names if any(n in m.names for m in rivals))
    return _heading_problem(
        table, match.heading, f"means {name}, and so does {others}",
        remedy=f"say which with --map {f'{match.heading}={name}'!r}",
    )  # fmt: skip


def _heading_problem(table: SheetTable, heading: str, message: str, **more: Any) -> Problem:
    line = table.grid.lines[table.header_row]
    cell = f"{letters(table.index(heading))}{line}" if table.grid.sheet else None
    return Problem(
        table.file, message, line=line, column=heading, sheet=table.grid.sheet, cell=cell, **more
    )


def unknown_headings(
    table: SheetTable, matches: Matches, targets: Sequence[Target]
) -> list[Problem]:
    """Return one problem that lists all headings that mean no variable, with what is close."""
    if not matches.unknown:
        return []
    names = {fold(k): t.name for t in targets for k in (t.name, t.label) if k}
    free = [t.name for t in targets if t.name not in {n for m in matches.found for n in m.names}]
    listed = []
    for heading in matches.unknown:
        close = suggest(fold(heading), names, most=1)
        near = names[close[0]] if close else None
        hint = f" (did you mean {near}?)" if near in free else ""
        listed.append(f"{heading!r}{hint}")
    several = len(listed) > 1
    return [
        Problem(
            table.file,
            f"unknown heading{'s' if several else ''}: {', '.join(listed)}",
            line=table.grid.lines[table.header_row],
            sheet=table.grid.sheet,
            allowed=", ".join(free[:60]),
            remedy="say what a heading means with --map 'HEADING=VARIABLE'; 'HEADING=-' leaves "
            "the column out",
        )
    ]
