"""Columns of a sheet as cells of the review's own tables, by the codebook.

What comes out is the plain text that `studies.csv` holds: 0.93 for 93%, `MRI` for `mri`, 2020-12-31
for 31.12.2020. Every cell that the codebook does not allow is a problem with its place.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from review.formats.compound_columns import compound_kind, numbers_of
from review.formats.day_columns import iso_days
from review.formats.typed_columns import read_quantities
from review.schema.cell_types import CellError
from review.schema.codebook import Variable, VariableType
from review.schema.missing_marks import missing_reason
from review.schema.reported_quantities import Counts, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from decimal import Decimal

    from review.formats.headings import Match, Matches
    from review.formats.sheet_table import SheetTable

_YES: Final = frozenset({"y", "yes", "true", "1", "x", "✓", "✔", "☑"})
_NO: Final = frozenset({"n", "no", "false", "0", "✗", "✘", "☐"})
_AUTHOR_YEAR: Final = re.compile(
    r"(?P<a>[^\d,;(]+?)(?:,? et al\.?|,? and (?:others|colleagues)| & al\.?)?[,;]?\s*[(\[]?"
    r"(?P<y>(?:19|20)\d\d)[a-z]?[)\]]?"
)
AUTHOR_AND_YEAR: Final = ("first_author", "year")
PERCENT_UNITS: Final = frozenset({"%", "percent", "per cent", "percentage"})


def kind_of(variable: Variable) -> Kind | None:
    """Return how the cells of a variable are read; None for words and dates.

    A number that is at most 1 is a proportion, and 93% means 0.93; one whose unit is per cent
    takes 93% as 93.
    """
    if variable.type is VariableType.INTEGER:
        return Kind.INTEGER
    if variable.type is not VariableType.NUMBER:
        return None
    if variable.unit.strip().casefold() in PERCENT_UNITS:
        return Kind.PERCENT
    return (
        Kind.PROPORTION if variable.maximum is not None and variable.maximum <= 1 else Kind.NUMBER
    )


def read_variables(
    table: SheetTable, matches: Matches, variables: Mapping[str, Variable]
) -> list[dict[str, str]]:
    """Return the cells of each row by variable, as the review's own tables hold them.

    Args:
        table: gets a problem for each cell that its variable does not allow.
        matches: which heading means which variable.
        variables: the codebook, and the identity columns that are numbers; other names are text.
    """
    columns: dict[str, list[str]] = {}
    for match in matches.found:
        if match.names == AUTHOR_AND_YEAR:
            columns |= _author_year(table, match)
        elif len(match.names) > 1:
            columns |= _compound(table, match)
        else:
            variable = variables.get(match.names[0])
            columns[match.names[0]] = _column(table, match.heading, variable)
    return [
        {name: texts[row] for name, texts in columns.items() if texts[row]}
        for row in range(len(table))
    ]


def _column(table: SheetTable, heading: str, variable: Variable | None) -> list[str]:
    if variable is None:
        table.use(heading)
        return list(table.texts(heading))
    kind = kind_of(variable)
    if kind is not None:
        return _numbers(table, heading, variable, kind)
    if variable.type is VariableType.DATE:
        return iso_days(table, heading)
    spelled: Counter[tuple[str, str]] = Counter()
    reader: Callable[[str], str] = {
        VariableType.BOOLEAN: _boolean,
        VariableType.CATEGORY: lambda t: _word(variable, t),
        VariableType.LIST: lambda t: _words(variable, t),
    }.get(variable.type, lambda t: t)  # fmt: skip
    found = _by_cell(table, heading, variable, reader, spelled)
    if spelled:
        listed = ", ".join(f"{a!r} -> {b!r} ({n})" for (a, b), n in spelled.most_common(8))
        table.note(f"column {heading!r}: spelled as in the codebook: {listed}")
    return found


def _by_cell(
    table: SheetTable,
    heading: str,
    variable: Variable,
    reader: Callable[[str], str],
    spelled: Counter[tuple[str, str]],
) -> list[str]:
    """Read cells one by one; what the codebook does not allow is a problem or, fixed, a note."""
    table.use(heading)
    found = []
    words = table.missing[heading] = Counter()
    for row, text in enumerate(table.texts(heading)):
        reason = missing_reason(text, table.options.missing)
        is_word = text in variable.vocabulary or variable.type is VariableType.TEXT
        if not text or (reason is not None and not is_word):
            if reason:
                words[text] += 1
            found.append(text)
            continue
        try:
            read = reader(text)
            variable.parse(read)
        except CellError as error:
            read = _put_right(table, row, heading, variable, error)
        else:
            if read != text and variable.type is not VariableType.BOOLEAN:
                spelled[text, read] += 1
        found.append(read)
    return found


def _put_right(
    table: SheetTable, row: int, heading: str, variable: Variable, error: CellError
) -> str:
    """Take the suggestion when the user wants that; otherwise list the problem."""
    text = table.texts(heading)[row]
    suggestion = error.suggestion
    if table.options.fix and suggestion is not None:
        try:
            variable.parse(suggestion)
        except CellError:
            pass
        else:
            table.record_fix(row, heading, suggestion, str(error))
            return suggestion
    table.add(table.problem(row, heading, str(error), allowed=error.allowed, suggestion=suggestion))
    return text


def _numbers(table: SheetTable, heading: str, variable: Variable, kind: Kind) -> list[str]:
    found = []
    quantities = read_quantities(table, heading, kind, unit=variable.unit)
    for row, (text, quantity) in enumerate(zip(table.texts(heading), quantities, strict=True)):
        if quantity is None:
            found.append(text if missing_reason(text) else "")
            continue
        number = plain_number(numbers_of(quantity)[0])
        try:
            variable.parse(number)
        except CellError as error:
            number = _put_right(table, row, heading, variable, error)
        found.append(number)
    return found


def plain_number(number: Decimal | None) -> str:
    """Return a number with the digits that were printed, without an exponent.

    Example:
        >>> from decimal import Decimal
        >>> plain_number(Decimal("1E-3")), plain_number(Decimal("0.90"))
        ('0.001', '0.90')
    """
    return "" if number is None else f"{number:f}"


def _boolean(text: str) -> str:
    word = text.strip().casefold()
    return "yes" if word in _YES else "no" if word in _NO else text


def _word(variable: Variable, text: str) -> str:
    """Return a word as the vocabulary spells it, when only case, blanks or hyphens differ."""
    by_fold = {_folded(w): w for w in variable.vocabulary}
    return text if text in variable.vocabulary else by_fold.get(_folded(text), text)


def _folded(word: str) -> str:
    return re.sub(r"[\s_-]+", "", word).casefold()


def _words(variable: Variable, text: str) -> str:
    words = ";".join(_word(variable, w.strip()) for w in text.split(";") if w.strip())
    try:
        variable.parse(words)
    except CellError as error:
        parts = [_word(variable, w.strip()) for w in re.split(r"[,/|+&\n]| and ", text)]
        if len(parts) > 1 and all(p in variable.vocabulary for p in parts):
            raise CellError(
                str(error), allowed="words separated by ';'", suggestion=";".join(parts)
            ) from None
        raise
    return words


def _compound(table: SheetTable, match: Match) -> dict[str, list[str]]:
    """Share the numbers of each cell out to the variables of its column."""
    kind = compound_kind(match.names)
    columns: dict[str, list[str]] = {name: [] for name in match.names}
    for quantity in read_quantities(table, match.heading, kind):
        numbers: Sequence[Decimal | None] = []
        if quantity is not None:
            numbers = numbers_of(quantity)
            if isinstance(quantity, Counts) and kind is Kind.COUNTS and quantity.n is None:
                numbers = [quantity.events, None]
        for name, number in zip(match.names, [*numbers, *[None] * 3], strict=False):
            columns[name].append(plain_number(number))
    return columns


def names_author_and_year(texts: Sequence[str]) -> bool:
    """Tell whether every cell names author and year, as "Kim et al., 2020" does.

    Example:
        >>> names_author_and_year(["Kim et al. 2020", "Lee (2019)"]), names_author_and_year(["Kim"])
        (True, False)
    """
    stated = [t for t in texts if t]
    return bool(stated) and all(_AUTHOR_YEAR.fullmatch(t) for t in stated)


def _author_year(table: SheetTable, match: Match) -> dict[str, list[str]]:
    """Share "Kim et al., 2020" out to author and year."""
    table.use(match.heading)
    authors, years = [], []
    for row, text in enumerate(table.texts(match.heading)):
        found = _AUTHOR_YEAR.fullmatch(text)
        if text and found is None:
            table.add(
                table.problem(row, match.heading, "no author and year", allowed="Kim et al. 2020")
            )
        authors.append(found["a"].strip() if found else "")
        years.append(found["y"] if found else "")
    return {"first_author": authors, "year": years}
