"""Compares a recomputed number with a printed one; the digits printed decide the tolerance."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from review.errors import InputError

if TYPE_CHECKING:
    from fractions import Fraction

_NUMBER: Final = re.compile(
    r"(?P<digits>[0-9][0-9,]*(?:\.[0-9]+)?)\s*(?P<unit>k|m|b|thousand|million|billion)?\Z",
    re.IGNORECASE,
)
_UNITS: Final = {"": 0, "k": 3, "m": 6, "b": 9, "t": 3}


class Verdict(StrEnum):
    """How a printed number relates to the recomputed one."""

    EXACT = "exact"
    ROUNDS_TO = "rounds to"
    DIFFERS = "differs"


@dataclass(frozen=True)
class Printed:
    """A printed number.

    Attributes:
        text: as printed.
        value: the number.
        step: one unit of its last digit.
        unit: power of ten that the word or letter behind it stands for.
    """

    text: str
    value: Decimal
    step: Decimal
    unit: int

    def verdict(self, number: Decimal | Fraction | float) -> Verdict:
        """Compare with a recomputed number.

        Example:
            >>> parse("14.7 M").verdict(14_714_688).value, parse("62.3 M").verdict(62_378_344).value
            ('rounds to', 'differs')
            >>> parse("60,000").verdict(60_000).value
            'exact'
        """
        exact = _decimal(number)
        if self.value == exact:
            return Verdict.EXACT
        rounded = {self._round(exact, how) for how in (ROUND_HALF_UP, ROUND_HALF_DOWN)}
        return Verdict.ROUNDS_TO if self.value in rounded else Verdict.DIFFERS

    def is_cut_off(self, number: Decimal | Fraction | float) -> bool:
        """Tell whether cutting digits off, instead of rounding, gives the printed number."""
        return self._round(_decimal(number), ROUND_DOWN) == self.value

    def like(self, number: Decimal | Fraction | float) -> str:
        """Return a number rounded and written in the way of the printed one.

        Example:
            >>> parse("134.2 M").like(138_357_544), parse("1,716").like(60000)
            ('138.4 M', '60,000')
        """
        rounded = self._round(_decimal(number), ROUND_HALF_UP)
        digits = -int(self.step.scaleb(-self.unit).as_tuple().exponent)
        tail = re.search(r"\s*[A-Za-z]*\Z", self.text)
        return f"{rounded.scaleb(-self.unit):,.{digits}f}{tail.group() if tail else ''}"

    def _round(self, number: Decimal, how: str) -> Decimal:
        return (number / self.step).quantize(Decimal(1), rounding=how) * self.step


def parse(text: str | float) -> Printed:
    """Read a printed number such as `60,000`, `62.3 M` or `4 million`.

    Raises:
        InputError: not a number.
    """
    match = _NUMBER.match(str(text).strip())
    if match is None:
        raise InputError(f"{text!r} is no number such as 60,000 or 62.3 M")
    digits = match["digits"].replace(",", "")
    unit = _UNITS[(match["unit"] or "")[:1].lower()]
    value = Decimal(digits).scaleb(unit)
    step = Decimal(1).scaleb(unit - len(digits.partition(".")[2]))
    return Printed(str(text).strip(), value, step, unit)


def _decimal(number: Decimal | Fraction | float) -> Decimal:
    if isinstance(number, Decimal | int):
        return Decimal(number)
    numerator, denominator = number.as_integer_ratio()
    return Decimal(numerator) / Decimal(denominator)
