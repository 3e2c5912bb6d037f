"""Which codebook variable plays which role in a figure, as `review.toml` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from review.errors import InputError, UnknownNameError
from review.schema.cell_types import cell_text

if TYPE_CHECKING:
    from review.project import Review
    from review.schema import Study

Role = Literal[
    "size_patients", "size_images", "n_classes", "backbone", "tl_type", "modality", "subject"
]


def role(review: Review, name: Role, *, numeric: bool = False) -> str:
    """Return the variable that plays a role, or "" when none does.

    Raises:
        UnknownNameError: `review.toml` names a variable that the codebook has not.
        InputError: the variable is no number, and the role needs one.
    """
    variable: str = getattr(review.settings.roles, name)
    if not variable and name == "modality":
        variable = review.settings.roles.category
    if variable:
        _checked(review, variable, name, numeric=numeric)
    return variable


def metrics(review: Review) -> list[str]:
    """Return the variables that hold performance values; raises as `role` does."""
    names = list(dict.fromkeys(review.settings.roles.metrics))
    for name in names:
        _checked(review, name, "metrics", numeric=True)
    return names


def need(review: Review, what: str, roles: str, *, numeric: bool = False) -> InputError:
    """Return the error that says which role a figure lacks, and which variables could play it."""
    known = [v.name for v in review.codebook.variable if not numeric or v.is_numeric]
    could = f"; variables that could: {', '.join(known[:30])}" if known else ""
    return InputError(
        f"{what} needs {roles}: name the variable below [roles] in review.toml of "
        f"{review.name}{could}"
    )


def category(study: Study, variable: str, several: str = "many") -> str | None:
    """Return a study's category; several words of a list variable count as `several`."""
    value = study.value(variable)
    if isinstance(value, tuple):
        return str(value[0]) if len(set(value)) == 1 else several
    return None if value is None else cell_text(value)


def label(review: Review, variable: str) -> str:
    """Return the name of a variable in figures."""
    return review.codebook[variable].title


def number(value: Any) -> float | None:
    """Return a coded number as float; None stays None."""
    return None if value is None else float(value)


def _checked(review: Review, variable: str, name: str, *, numeric: bool) -> None:
    if variable not in review.codebook:
        raise UnknownNameError(
            "variable", variable, review.codebook.names, where=f"in review.toml, roles.{name}"
        )
    if numeric and not review.codebook[variable].is_numeric:
        raise InputError(
            f"review.toml: roles.{name} names {variable!r}, which is of type "
            f"{review.codebook[variable].type.value!r}; a number or an integer is needed"
        )
