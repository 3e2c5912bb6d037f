"""Formulas of moderators, read by formulaic with R's spelling accepted.

`~ ablat + factor(alloc)`, `~ log(n)`, `~ I(year - 1948)`, `~ a * b`, `~ a + b - 1`, `^` for powers.
Only columns of the data and the functions listed in `FUNCTIONS` may be named: a formula from a
file cannot run anything else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from review.stats.ground.least_squares import FloatArray

INTERCEPT: Final = "intercept"
FUNCTIONS: Final = (
    "C", "factor", "I", "log", "log2", "log10", "log1p", "exp", "sqrt", "abs", "pmin", "pmax",
    "center", "scale", "poly", "bs", "cr", "cs", "cc",
)  # fmt: skip
_KEYWORDS: Final = (
    "df",
    "degree",
    "knots",
    "raw",
    "levels",
    "True",
    "False",
    "contr",
    "treatment",
    "sum",
)
_TOKEN = re.compile(r"`[^`]*`|\"[^\"]*\"|'[^']*'|\d+\.?\d*(?:[eE][+-]?\d+)?|[^\W\d][\w.]*|\S")


def translate(text: str, names: Sequence[str]) -> tuple[str, list[str]]:
    """Turn R spelling into formulaic's, and list the columns that are used.

    Args:
        text: the right side of a formula.
        names: columns of the data.

    Raises:
        UnknownNameError: a name is neither a column nor one of `FUNCTIONS`.
        InputError: a sign is not understood.

    Example:
        >>> translate("factor(a) + b^2", ["a", "b"])
        ('C(a) + b**2', ['a', 'b'])
    """
    used: list[str] = []

    def replace(found: re.Match[str]) -> str:
        word = found.group()
        bare = word.strip("`")
        if word == "^":
            return "**"
        if word[0] == "`" or (word in names and word not in FUNCTIONS):
            if bare not in names:
                raise UnknownNameError("column", bare, names, where="in the formula")
            used.extend([bare] if bare not in used else [])
            return bare if bare.isidentifier() else f"`{bare}`"
        if re.match(r"[^\W\d]", word):
            if word not in FUNCTIONS and word not in _KEYWORDS:
                if text[found.end() :].lstrip().startswith("("):
                    raise UnknownNameError("function", word, FUNCTIONS, where="in the formula")
                raise UnknownNameError("column", word, names, where="in the formula")
            return "C" if word == "factor" else word
        if not re.match(r"[\w'\"+\-*/:(),=|<>!%\[\]]", word):
            raise InputError(f"the formula has a sign that is not understood: {word!r}")
        return word

    return _TOKEN.sub(replace, text), used


def outside_factors(text: str, names: Sequence[str]) -> list[str]:
    """List the columns that a formula uses other than inside factor() or C().

    Example:
        >>> outside_factors("factor(a) + log(b)", ["a", "b"])
        ['b']
    """
    plain = re.sub(r"\b(factor|C)\s*\([^()]*\)", "1", text)
    return translate(plain, names)[1]


def reference_levels(spec: Any) -> dict[str, str]:
    """Return the level that stands for the intercept, for each factor of an evaluated formula."""
    found: dict[str, str] = {}
    for factor, state in spec.encoder_state.items():
        details = state[1] if isinstance(state[1], dict) else {}
        levels = details.get("categories")
        if levels is None or not len(levels):
            continue
        name = _readable(str(factor))
        shown = {_level(level) for level in levels}
        named = {
            column.partition("[")[2].removesuffix("]")
            for column in map(_readable, map(str, spec.column_names))
            if column.startswith(f"{name}[") and ":" not in column
        }
        missing = [level for level in map(_level, levels) if level not in named]
        if len(missing) == 1 and len(shown) == len(levels):
            found[name] = missing[0]
    return found


def _level(level: Any) -> str:
    return str(level)


def _context() -> dict[str, Any]:
    return {
        "pmin": np.minimum, "pmax": np.maximum, "sqrt": np.sqrt, "abs": np.abs, "log1p": np.log1p,
    }  # fmt: skip


def _frame(table: dict[str, Any], keep: Any = slice(None)) -> Any:
    """Data frame of the rows kept; text becomes categories, numbers stored as text numbers."""
    import pandas as pd

    columns = {}
    for name, column in table.items():
        series = pd.Series(column).reset_index(drop=True)[keep].reset_index(drop=True)
        if isinstance(series.dtype, pd.CategoricalDtype):
            series = series.cat.remove_unused_categories()
        elif isinstance(series.dtype, pd.StringDtype):
            # formulaic takes columns of the type "string" for numbers
            series = series.astype(object).where(series.notna(), None)
        elif series.dtype == object:
            series = series.infer_objects()
        elif pd.api.types.is_extension_array_dtype(series.dtype) and pd.api.types.is_numeric_dtype(
            series.dtype
        ):
            series = series.astype(float)
        columns[name] = series
    return pd.DataFrame(columns)


def formula_matrix(
    formula: str, table: dict[str, Any], keep: npt.NDArray[np.bool_], written: str
) -> tuple[FloatArray, tuple[str, ...], Any]:
    """Evaluate a translated formula on the rows kept.

    Args:
        formula: from `translate`.
        table: the columns it uses, (n,) each.
        keep: rows to use, (n,).
        written: the formula as given, for messages.

    Returns:
        The matrix (k, p), the names of its columns, and what `formula_rows` needs.

    Raises:
        InputError: the formula cannot be evaluated.
    """
    import pandas as pd
    from formulaic import model_matrix

    frame = _frame(table, keep) if table else pd.DataFrame(index=range(int(keep.sum())))
    try:
        with np.errstate(all="ignore"):
            matrix = model_matrix("~ " + formula, frame, context=_context(), na_action="ignore")
        X = np.asarray(matrix, dtype=np.float64)
    except Exception as error:  # formulaic raises many kinds; all mean a formula it cannot use
        raise InputError(f"the formula {written!r} cannot be used: {_plain(error)}") from error
    return X, tuple(_readable(str(c)) for c in matrix.columns), matrix.model_spec


def formula_rows(spec: Any, table: dict[str, Any]) -> FloatArray:
    """Evaluate a formula again, on new values (m,) of its columns.

    Raises:
        InputError: the values do not fit, such as a level of a factor that was not in the data.
    """
    import pandas as pd

    frame = _frame(table) if table else pd.DataFrame(index=range(1))
    _check_levels(spec, frame)
    try:
        matrix = spec.get_model_matrix(frame, context=_context(), na_action="ignore")
        return np.asarray(matrix, dtype=np.float64)
    except Exception as error:
        raise InputError(f"newmods cannot be used with the formula: {_plain(error)}") from error


def _check_levels(spec: Any, frame: Any) -> None:
    """Refuse values of factors that were not in the data: they would count as the base level."""
    for factor, state in spec.encoder_state.items():
        levels = state[1].get("categories") if isinstance(state[1], dict) else None
        name = re.sub(r"^C\(([^(),]*).*$", r"\1", str(factor)).strip(" `")
        if levels is None or name not in frame:
            continue
        for value in dict.fromkeys(frame[name].tolist()):
            if value not in list(levels):
                raise UnknownNameError(f"level of {name}", str(value), [str(x) for x in levels])


def _plain(error: Exception) -> str:
    """The first line of a message, without terminal colours."""
    text = re.sub(r"\x1b\[[0-9;]*m|[⧛⧚]", "", str(error)).strip()
    return text.splitlines()[0] if text else type(error).__name__


def _readable(name: str) -> str:
    """`C(alloc)[T.random]` -> `alloc[random]`, `Intercept` -> `intercept`."""
    if name == "Intercept":
        return INTERCEPT
    name = re.sub(r"C\(([^()]*)\)", lambda found: found.group(1).split(",")[0], name)
    return name.replace("[T.", "[").replace(" ** ", "^").replace("`", "")
