"""A codebook proposed from a sheet that people already fill: names, types, vocabularies, units."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from review.formats.heading_synonyms import AUTHOR_YEAR, SYNONYMS
from review.formats.headings import Target, fold, match_headings, unit_of, without_unit
from review.formats.loose_columns import read_loose
from review.formats.variable_columns import (
    AUTHOR_AND_YEAR,
    PERCENT_UNITS,
    names_author_and_year,
)
from review.schema.missing_marks import missing_reason
from review.schema.study import IDENTITY_COLUMNS
from review.stats.ground.column_kinds import look_alikes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.formats.sheet_table import SheetTable

# a vocabulary has at most so many words, and each is used more than once on average
_MOST_WORDS: Final = 20
_SHARES: Final = ("auc", "accuracy", "sensitivity", "specificity", "precision", "npv", "f1")
_YES_NO: Final = frozenset({"yes", "no", "y", "n", "true", "false"})


@dataclass
class Proposal:
    """What a sheet proposes.

    Attributes:
        variables: the entries of the codebook, in the order of the columns.
        mapping: heading -> variable, of all columns.
        notes: what deserves a look.
    """

    variables: list[dict[str, Any]] = field(default_factory=list)
    mapping: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def codebook_text(self, title: str, source: str) -> str:
        """Return the text of `codebook.toml`."""
        lines = [
            f"# Proposed from {source}: look through the types and vocabularies before coding.",
            "",
            f"title = {_toml(title)}",
            'version = "1"',
        ]
        for variable in self.variables:
            lines += ["", "[[variable]]"]
            lines += [f"{key} = {_toml(value)}" for key, value in variable.items()]
        return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    # strings, lists of strings, numbers and booleans of TOML are written as in JSON
    return json.dumps(value, ensure_ascii=False)


def propose_codebook(table: SheetTable) -> Proposal:
    r"""Return a codebook for the columns of a sheet.

    Args:
        table: the sheet; its rows are read to tell types and vocabularies.

    Example:
        >>> from review.formats.reading import table_from_bytes
        >>> data = b"Study ID,Age (years),Sex\na,54,m\nb,61,f\nc,NR,f\nd,40,m\n"
        >>> found = propose_codebook(table_from_bytes(data, "a.csv"))
        >>> [(v["name"], v["type"]) for v in found.variables]
        [('age', 'number'), ('sex', 'category')]
    """
    proposal = Proposal()
    _identity(table, proposal)
    taken = {*IDENTITY_COLUMNS, "link", "label"}
    for heading in table.headings:
        if heading in proposal.mapping:
            continue
        name = variable_name(heading, taken)
        taken.add(name)
        proposal.mapping[heading] = name
        proposal.variables.append(_variable(table, heading, name, proposal))
    return proposal


def _identity(table: SheetTable, proposal: Proposal) -> None:
    """Find the columns that every review has, and one that names author and year together."""
    matches = match_headings(table, [Target(name) for name in IDENTITY_COLUMNS])
    for match in matches.found:
        if all(name not in proposal.mapping.values() for name in match.names):
            proposal.mapping[match.heading] = "+".join(match.names)
    if set(proposal.mapping.values()) & set(AUTHOR_AND_YEAR):
        return
    keys = {fold(h) for h in AUTHOR_YEAR}
    for heading in table.headings:
        free = heading not in proposal.mapping and fold(heading) in keys
        if free and names_author_and_year(table.texts(heading)):
            proposal.mapping[heading] = "+".join(AUTHOR_AND_YEAR)
            return


def variable_name(heading: str, taken: set[str]) -> str:
    """Return a name for a variable, not yet taken.

    Example:
        >>> variable_name("Größe (n)", set()), variable_name("2-year survival, %", {"x"})
        ('grosse', 'v2_year_survival')
    """
    plain = unicodedata.normalize("NFKD", without_unit(heading).casefold())
    plain = plain.encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:50] or "column"
    name = f"v{name}" if name[0].isdigit() else name
    number = 2
    unique = name
    while unique in taken:
        unique, number = f"{name}_{number}", number + 1
    return unique


def _variable(table: SheetTable, heading: str, name: str, proposal: Proposal) -> dict[str, Any]:
    column = read_loose(table, heading)
    texts = [t for t in table.texts(heading) if missing_reason(t, table.options.missing) is None]
    found: dict[str, Any] = {"name": name, "type": "text", "label": without_unit(heading)}
    unit = unit_of(heading)
    if column.type in {"number", "mixed"}:
        found |= _number(name, unit, texts, column.values)
        if column.type == "mixed":
            words = ", ".join(dict.fromkeys(table.texts(heading)[i] for i in column.odd))
            proposal.notes.append(
                f"{name}: proposed as a number, but the column holds words too ({words[:80]})"
            )
    elif column.type == "date":
        found["type"] = "date"
    elif column.type == "word":
        found |= _words(name, texts, proposal)
    else:
        proposal.notes.append(f"{name}: the column {heading!r} is empty; proposed as text")
    return found


def _number(name: str, unit: str, texts: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    percent = unit.casefold() in PERCENT_UNITS or all(t.endswith("%") for t in texts)
    if percent:
        return {"type": "number", "unit": "%", "minimum": 0, "maximum": 100}
    numbers = [v for v in values if isinstance(v, float | int) and not math.isnan(v)]
    whole = all(float(v).is_integer() for v in numbers)
    is_share = fold(name) in {fold(s) for m in _SHARES for s in (m, *SYNONYMS.get(m, ()))}
    if is_share and all(0 <= v <= 1 for v in numbers):
        return {"type": "number", "minimum": 0, "maximum": 1}
    found: dict[str, Any] = {"type": "integer" if whole and _counts(name, unit) else "number"}
    return found | ({"unit": unit} if unit else {})


def _counts(name: str, unit: str) -> bool:
    """Tell whether whole numbers are counts; ages and scores only happen to be whole."""
    words = {"n", "no", "number", "count", "patients", "images", "events", "total", "cases", "size"}
    return bool(words & {*name.split("_"), unit.casefold()})


def _words(name: str, texts: Sequence[str], proposal: Proposal) -> dict[str, Any]:
    distinct = Counter(texts)
    if len(distinct) > 1 and {w.casefold() for w in distinct} <= _YES_NO:
        return {"type": "boolean"}
    if sum(";" in t for t in texts) * 3 >= len(texts):
        return _vocabulary("list", [w.strip() for t in texts for w in t.split(";")], name, proposal)
    short = all(len(w) <= 40 and "\n" not in w for w in distinct)
    unlike = len(distinct) - sum(len(same) - 1 for same in look_alikes(list(distinct)))
    if short and 1 < unlike <= _MOST_WORDS and 2 * unlike <= len(texts):
        return _vocabulary("category", texts, name, proposal)
    return {"type": "text"}


def _vocabulary(kind: str, words: Sequence[str], name: str, proposal: Proposal) -> dict[str, Any]:
    """Return the words in order of their number; spellings of one word become the commonest."""
    counts = Counter(w for w in words if w)
    for same in look_alikes(list(counts)):
        kept, *others = sorted(same, key=lambda w: -counts[w])
        for other in others:
            counts[kept] += counts.pop(other)
        proposal.notes.append(f"{name}: {', '.join(map(repr, others))} are read as {kept!r}")
    if len(counts) > 2 * _MOST_WORDS or any(";" in w for w in counts):
        return {"type": kind, "open": True}
    return {"type": kind, "vocabulary": [w for w, _ in counts.most_common()]}
