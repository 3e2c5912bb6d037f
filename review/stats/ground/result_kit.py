"""What the results of diagnostics and tests have in common: table, dictionary, printed summary."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from review.errors import UnknownNameError
from review.stats.ground.conventions import LATEST, named
from review.stats.pooling.result_tables import plain
from review.words import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


class Record:
    """Base of frozen dataclasses of numbers.

    A subclass gives `columns` (name to values, one per row), `index` (names of the rows) and
    `title`; everything else follows.
    """

    @property
    def conventions(self) -> str | None:
        """The version of the reference that the numbers agree with; None where it has no such."""
        return named(LATEST)

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        raise NotImplementedError

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """First line of the summary."""
        raise NotImplementedError

    def footer(self) -> list[str]:
        """Lines below the table of the summary."""
        return list(getattr(self, "notes", ()))

    def to_frame(self) -> pd.DataFrame:
        """Return the table as a data frame."""
        import pandas as pd

        name, rows = self.index()
        return pd.DataFrame(self.columns(), index=pd.Index(rows, name=name))

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers as plain values for JSON; missing and infinite ones are None."""
        assert is_dataclass(self)
        out = {f.name: _plain(getattr(self, f.name)) for f in fields(self) if f.repr}
        return out if self.conventions is None else out | {"conventions": self.conventions}

    def summary(self) -> str:
        """Return title, table and notes as text."""
        table = self.to_frame().to_string(float_format=number, max_rows=40)
        last = [*self.footer(), *conventions_lines(self.conventions)]
        return "\n".join([self.title, "", table, *(["", *last] if last else [])])


def refitted(front_door: str, call: Mapping[str, Any], changes: Mapping[str, Any]) -> Any:
    """Call a public function again with the arguments of `call`, some of them changed.

    Args:
        front_door: name of the function in `review`; a result names it and does not import it.
        call: the arguments of the first call.
        changes: those to replace.

    Raises:
        UnknownNameError: the function took no such argument.
    """
    import review

    unknown = [name for name in changes if name not in call]
    if unknown:
        raise UnknownNameError("argument", unknown[0], list(call))
    return getattr(review, front_door)(**{**call, **changes})


def conventions_lines(conventions: str | None) -> list[str]:
    """Return the last line of a summary, if there is one."""
    return [] if conventions is None else [f"Conventions: {conventions}"]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(x) for name, x in value.items()}
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, list | tuple):
        return [_plain(x) for x in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return plain(value)


def by_coefficient(name: str, values: Any, coef_names: tuple[str, ...]) -> dict[str, Any]:
    """Columns of an array (rows,) or (rows, p): one per coefficient when there are several."""
    if values.ndim == 1:
        return {name: values}
    return {f"{name}[{c}]": values[:, j] for j, c in enumerate(coef_names)}
