"""The coding form as JSON Schema, for programs that make entries for `review add --from`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from review.schema.codebook import VariableType
from review.schema.missing_marks import MARKS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from review.schema.codebook import Variable

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
# signs that mean something in the expressions of JSON Schema
_SIGNS: Final = re.compile(r"[\\^$.|?*+()\[\]{}/]")
_YES_NO: Final = [True, False, "yes", "no"]


def form_schema(title: str, variables: Sequence[Variable]) -> dict[str, Any]:
    """Return the JSON Schema of the rows of a form: one object, or a list of them.

    Numbers may be written as text to keep the digits that were printed; a mark such as `NR` says
    why a value is missing.

    Args:
        title: of the review.
        variables: the columns.

    Example:
        >>> from review.schema import Variable
        >>> found = form_schema("Mine", [Variable(name="auc", type="number", maximum=1)])
        >>> found["$defs"]["row"]["properties"]["auc"]["anyOf"][0]
        {'type': 'number', 'maximum': 1}
    """
    row: dict[str, Any] = {
        "type": "object",
        "properties": {v.name: _property(v) for v in variables},
        "required": [v.name for v in variables if v.required],
        "additionalProperties": False,
    }
    return {
        "$schema": DRAFT,
        "title": title,
        "anyOf": [
            {"$ref": "#/$defs/row"},
            {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/row"}},
        ],
        "$defs": {"row": row, "missing": {"enum": _missing()}},
    }


def _missing() -> list[str | None]:
    """Return the marks of a missing value as they are written most often."""
    as_written = {*MARKS, *(m.upper() for m in MARKS), *(m.capitalize() for m in MARKS)}
    return [None, "", *sorted(as_written)]


def _property(variable: Variable) -> dict[str, Any]:
    about: dict[str, Any] = {"title": variable.title}
    said = " ".join(filter(None, [variable.help, f"Takes {variable.allowed()}."]))
    return about | {"description": said} | _holds(variable)


def _holds(variable: Variable) -> dict[str, Any]:
    missing = {"$ref": "#/$defs/missing"}
    match variable.type:
        case VariableType.TEXT:
            return {"type": "string", "minLength": 1} if variable.required else _text()
        case VariableType.CATEGORY:
            return {"anyOf": [_word(variable), missing]}
        case VariableType.LIST:
            words = {"type": "array", "items": _word(variable)}
            return {"anyOf": [words, _joined(variable), missing]}
        case VariableType.BOOLEAN:
            return {"anyOf": [{"enum": _YES_NO}, missing]}
        case VariableType.DATE:
            return {"anyOf": [{"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}, missing]}
        case VariableType.INTEGER:
            return {"anyOf": [_number(variable, "integer"), _digits(r"^-?\d+$"), missing]}
        case VariableType.NUMBER:
            return {"anyOf": [_number(variable, "number"), _digits(r"^-?\d*\.?\d+$"), missing]}


def _text() -> dict[str, Any]:
    return {"type": ["string", "null"]}


def _word(variable: Variable) -> dict[str, Any]:
    if variable.open or not variable.vocabulary:
        return {"type": "string", "examples": list(variable.vocabulary)}
    return {"enum": list(variable.vocabulary)}


def _joined(variable: Variable) -> dict[str, Any]:
    """Words in one text, with semicolons between them."""
    if variable.open or not variable.vocabulary:
        return {"type": "string"}
    word = "(?:" + "|".join(_SIGNS.sub(r"\\\g<0>", w) for w in variable.vocabulary) + ")"
    return {"type": "string", "pattern": f"^{word}(?:; *{word})*$"}


def _digits(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern}


def _number(variable: Variable, kind: str) -> dict[str, Any]:
    bounds = {"minimum": variable.minimum, "maximum": variable.maximum}
    return {"type": kind} | {k: _plain(v) for k, v in bounds.items() if v is not None}


def _plain(bound: Decimal) -> int | float:
    return int(bound) if bound == bound.to_integral_value() else float(bound)
