"""The codebook: the coding form of a review, from which its study model is made."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Final, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from review.errors import UnknownNameError, suggest
from review.schema.cell_types import (
    CellError,
    clean_text,
    parse_boolean,
    parse_date,
    parse_integer,
    parse_number,
)
from review.schema.missing_marks import missing_reason

MAX_VARIABLES: Final = 2_000
NAME_PATTERN: Final = r"^[a-z][a-z0-9_]{0,59}$"


class VariableType(StrEnum):
    """What a coded variable holds."""

    TEXT = "text"
    CATEGORY = "category"
    LIST = "list"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"


NUMERIC: Final = frozenset({VariableType.INTEGER, VariableType.NUMBER})
_WORDED: Final = frozenset({VariableType.CATEGORY, VariableType.LIST})


def _exact(value: Any) -> Any:
    """Bounds written as 0.1 in TOML arrive as floats: keep the digits that were written."""
    return Decimal(repr(value)) if isinstance(value, float) else value


Bound = Annotated[Decimal | None, BeforeValidator(_exact)]


class Variable(BaseModel):
    """One column of the coding form.

    Attributes:
        name: the column's name in `studies.csv`; lower case letters, digits and `_`.
        type: what a cell holds; a `list` separates its words with semicolons.
        vocabulary: the words that a `category` or `list` takes; empty with `open` means any.
        open: words outside the vocabulary are allowed too.
        ordered: the vocabulary is in ascending order (weighted kappa uses it).
        unit, minimum, maximum: for numbers.
        required: an empty cell is a problem.

    Example:
        >>> Variable(name="modality", type="category", vocabulary=["CT", "MRI"]).parse("MRI")
        'MRI'
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=NAME_PATTERN)
    type: VariableType
    label: str = ""
    help: str = ""
    vocabulary: tuple[str, ...] = ()
    open: bool = False
    ordered: bool = False
    unit: str = ""
    minimum: Bound = None
    maximum: Bound = None
    required: bool = False

    @field_validator("vocabulary")
    @classmethod
    def _words_differ(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        for word in words:
            if clean_text(word) != word or ";" in word:
                raise ValueError(f"{word!r} cannot be a vocabulary word (spaces, ';' or empty)")
        if len({w.casefold() for w in words}) < len(words):
            raise ValueError("two words of the vocabulary differ in case only, or are the same")
        return words

    @model_validator(mode="after")
    def _fits_together(self) -> Variable:
        if self.vocabulary and self.type not in _WORDED:
            raise ValueError(f"a vocabulary needs type 'category' or 'list', not '{self.type}'")
        if self.type in _WORDED and not (self.vocabulary or self.open):
            raise ValueError(f"type '{self.type}' needs a vocabulary (or open = true)")
        bounded = self.minimum is not None or self.maximum is not None
        if bounded and self.type not in NUMERIC:
            raise ValueError("minimum and maximum need type 'integer' or 'number'")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("minimum is above maximum")
        return self

    @property
    def title(self) -> str:
        """The label, or the name in words."""
        return self.label or self.name.replace("_", " ")

    @property
    def is_numeric(self) -> bool:
        """Whether the cells are numbers."""
        return self.type in NUMERIC

    @property
    def is_percent(self) -> bool:
        """Whether the numbers are percentages, as unit or maximum say."""
        named = "%" in self.unit or "percent" in self.unit.casefold()
        return self.is_numeric and (named or self.maximum == 100)

    def allowed(self) -> str:
        """Say in words what a cell of this column takes."""
        if self.vocabulary:
            words = ", ".join(self.vocabulary[:60])
            many = "words separated by ';' from " if self.type is VariableType.LIST else ""
            return f"{many}{words}" + (" (or another word)" if self.open else "")
        text = {
            VariableType.TEXT: "text",
            VariableType.CATEGORY: "a word",
            VariableType.LIST: "words separated by ';'",
            VariableType.INTEGER: "a whole number",
            VariableType.NUMBER: "a number",
            VariableType.BOOLEAN: "yes or no",
            VariableType.DATE: "a day written like 2020-12-31",
        }[self.type]
        if self.minimum is not None:
            text += f", at least {self.minimum}"
        if self.maximum is not None:
            text += f", at most {self.maximum}"
        return text + (f" ({self.unit})" if self.unit else "")

    def parse(self, value: Any) -> Any:
        """Return the value of a cell; None when it is empty.

        Raises:
            CellError: the cell does not fit the column.
        """
        match self.type:
            case VariableType.TEXT:
                return clean_text(value)
            case VariableType.CATEGORY:
                if self.says_missing(value):
                    return None
                text = clean_text(value)
                return None if text is None else self._word(text)
            case VariableType.LIST:
                return self._words(value)
            case VariableType.INTEGER:
                return self._bounded(parse_integer(value))
            case VariableType.NUMBER:
                return self._bounded(parse_number(value))
            case VariableType.BOOLEAN:
                return parse_boolean(value)
            case VariableType.DATE:
                return parse_date(value)

    def _word(self, text: str) -> str:
        if self.type is VariableType.CATEGORY and text in self.vocabulary:
            return text
        if text in self.vocabulary or self.open:
            return text
        close = suggest(text, self.vocabulary, most=1)
        raise CellError(
            "not a word of the vocabulary",
            allowed=self.allowed(),
            suggestion=close[0] if close else None,
        )

    def says_missing(self, value: Any) -> bool:
        """Tell whether a cell says that the value is missing, such as NR.

        A word of the vocabulary is a value whatever it says; so are whole words (`unclear`) where
        any word is allowed.

        Example:
            >>> book = Variable(name="blinded", type="category", vocabulary=["yes", "no"])
            >>> book.says_missing("NR"), book.says_missing("yes")
            (True, False)
        """
        text = str("" if value is None else value).strip()
        if not text or text in self.vocabulary or self.type is VariableType.TEXT:
            return False
        if self.open and text.isalpha() and len(text) > 4:
            return False
        return missing_reason(text) is not None

    def _words(self, value: Any) -> tuple[str, ...] | None:
        if not isinstance(value, tuple | list) and self.says_missing(value):
            return None
        text = clean_text(";".join(map(str, value)) if isinstance(value, tuple | list) else value)
        if text is None:
            return None
        words = [w.strip() for w in re.split(";", text)]
        if not all(words):
            raise CellError("an empty word between semicolons", allowed="word;word")
        return tuple(self._word(w) for w in words)

    def _bounded(self, number: Any) -> Any:
        if number is None:
            return None
        low = self.minimum is not None and number < self.minimum
        high = self.maximum is not None and number > self.maximum
        if low or high:
            share = self.maximum == 1 and self.type is VariableType.NUMBER and 1 < number <= 100
            raise CellError(
                f"{'below the minimum' if low else 'above the maximum'}",
                allowed=self.allowed(),
                suggestion=str(number.scaleb(-2)) if high and share else None,
            )
        return number


class Codebook(BaseModel):
    """The variables of a review, in the order of the coding form.

    Example:
        >>> book = Codebook(variable=[Variable(name="n_images", type="integer")])
        >>> book["n_images"].type.value
        'integer'
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = ""
    version: str = "1"
    source: str = ""
    variable: tuple[Variable, ...] = Field(default=(), max_length=MAX_VARIABLES)

    @model_validator(mode="after")
    def _names_differ(self) -> Codebook:
        twice = sorted(n for n, k in Counter(v.name for v in self.variable).items() if k > 1)
        if twice:
            raise ValueError(f"variable {twice[0]!r} is defined twice")
        return self

    @cached_property
    def _by_name(self) -> dict[str, Variable]:
        return {v.name: v for v in self.variable}

    def __getitem__(self, name: str) -> Variable:
        if name in self._by_name:
            return self._by_name[name]
        raise UnknownNameError("variable", name, self.names)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @property
    def names(self) -> list[str]:
        """The names of all variables, in order."""
        return [v.name for v in self.variable]


def variables_of(model: type[BaseModel]) -> tuple[Variable, ...]:
    """Return the columns of a fixed table, such as `datasets.csv`, as variables.

    Example:
        >>> from review.schema import Dataset
        >>> [v.type.value for v in variables_of(Dataset) if v.name in {"name", "n_images"}]
        ['text', 'integer']
    """
    return tuple(
        Variable(name=name, type=_type_of(field.annotation))
        for name, field in model.model_fields.items()
    )


def _type_of(annotation: Any) -> VariableType:
    inner = get_args(annotation)
    for part in inner:
        if part is not type(None) and (kind := _type_of(part)) is not VariableType.TEXT:
            return kind
    return {
        bool: VariableType.BOOLEAN,
        int: VariableType.INTEGER,
        Decimal: VariableType.NUMBER,
        date: VariableType.DATE,
    }.get(annotation, VariableType.TEXT)
