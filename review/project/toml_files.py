"""Reads the TOML files of a review: settings, codebook, published facts."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from review.errors import DataError, suggest
from review.project.bounded import read_bounded
from review.project.csv_tables import decode
from review.project.problems import Problem, raise_problems
from review.project.toml_form import MAX_BYTES, check_toml, check_whole_numbers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MOST: Final = 500  # entries that are named one by one
M = TypeVar("M", bound=BaseModel)


def read_toml(
    path: Path,
    name: str | None = None,
    *,
    root: Path | None = None,
    parse_float: Callable[[str], Any] = float,
) -> dict[str, Any]:
    """Return the contents of a TOML file.

    Args:
        path: the file.
        name: how messages call it; its own name without one.
        root: the folder that it must lie in, whatever links there are.
        parse_float: what becomes of numbers with a point: `Decimal` or `str` keep their digits.

    Raises:
        DataError: missing, not UTF-8, or broken; with the line and what is wrong there.
    """
    name = name or path.name
    text, _ = decode(read_bounded(path, name, root=root, most=MAX_BYTES), name)
    check_toml(text, name)
    try:
        data = tomllib.loads(text, parse_float=parse_float)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        said = re.sub(r" \(at .*\)$", "", str(error))
        problem = Problem(
            name,
            f"broken TOML: {said[:1].lower()}{said[1:]}"
            + (f" (character {at.group(2)} of the line)" if at else ""),
            line=int(at.group(1)) if at else text.count("\n") + 1,
            allowed='name = "text", name = 1, or name = ["a", "b"]',
        )
        raise DataError(str(problem), [problem]) from None
    except (ValueError, RecursionError) as error:  # days that the calendar has not, and the like
        raise DataError(f"{name}: broken TOML: {error}") from None
    check_whole_numbers(data, name)
    return data


def read_settings(
    path: Path, model: type[M], name: str | None = None, *, root: Path | None = None
) -> M:
    """Return a TOML file as `model`; `root` is the folder that it must lie in.

    Raises:
        DataError: unreadable, or an entry is unknown, missing or of the wrong type.
    """
    name = name or path.name
    data = read_toml(path, name, root=root)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False)
        problems = [_entry_problem(e, name, model, data) for e in found[:MOST]]
        if len(found) > MOST:
            problems.append(Problem(name, f"{len(found) - MOST:,} more entries are wrong"))
        raise_problems(problems, what=name)
        raise AssertionError("a validation error has problems") from error


def _entry_problem(error: Any, name: str, model: type[BaseModel], data: dict[str, Any]) -> Problem:
    loc = [str(part) for part in error["loc"]]
    message = re.sub(r"^Value error, ", "", str(error["msg"]))
    suggestion = None
    if error["type"] == "extra_forbidden":
        message = "unknown entry"
        suggestion = next(iter(suggest(loc[-1], _siblings(model, error["loc"]), most=1)), None)
    value = None if isinstance(error.get("input"), dict | list) else str(error.get("input"))
    return Problem(
        name,
        message,
        column=_readable(error["loc"], data),
        value=value if error["type"] != "missing" else None,
        suggestion=suggestion,
    )


def _readable(loc: tuple[Any, ...], data: dict[str, Any]) -> str:
    """Name list items by their `name` entry: variable 'auc' instead of variable.3."""
    parts: list[str] = []
    here: Any = data
    for part in loc:
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            here = None
        if isinstance(part, int):
            named = here.get("name") if isinstance(here, dict) else None
            parts.append(f"[{named or part + 1}]")
        else:
            parts.append(f".{part}" if parts else str(part))
    return "".join(parts)


def _siblings(model: type[BaseModel], loc: tuple[Any, ...]) -> list[str]:
    here: Any = model
    for part in loc[:-1]:
        if isinstance(part, int):
            continue
        info = here.model_fields.get(part) if hasattr(here, "model_fields") else None
        here = _model_in(info.annotation) if info else None
    return list(here.model_fields) if hasattr(here, "model_fields") else []


def _model_in(annotation: Any) -> Any:
    if hasattr(annotation, "model_fields"):
        return annotation
    for arg in getattr(annotation, "__args__", ()):
        found = _model_in(arg)
        if found is not None:
            return found
    return None
