"""Fills the templates of the report: the bundled ones and those of a trusted folder.

Templates of a folder run in a sandbox and in a process of its own, with bounds on time and memory:
a loop that never ends is an error that names the template and its line.
"""

from __future__ import annotations

import traceback
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError
from review.project.confined import TooLong, confined
from review.project.folder_code import TEMPLATES
from review.resources import resource_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jinja2 import Environment

    from review.report.blocks import ExplorerColumn

PAGE: Final = "report.html.j2"
SECONDS: Final = 30.0


def fill(own: Mapping[str, str], values: Mapping[str, Any]) -> str:
    """Return the page that the templates make of values.

    Args:
        own: templates of the folder, by the path in its folder `templates`.
        values: what the templates may name.

    Raises:
        DataError: a template of the folder is broken, or takes too much time or memory.
    """
    if not own:
        return fill_here(own, values)
    what = f"the templates of the report ({', '.join(sorted(own))})"
    return confined(fill_here, dict(own), dict(values), what=what, seconds=SECONDS)


def fill_here(own: Mapping[str, str], values: Mapping[str, Any]) -> str:
    """Do the work of `fill` in this process."""
    environment = _environment(own)
    try:
        return environment.get_template(PAGE).render(**values, columns_json=_columns_json)
    except (Exception, TooLong) as error:
        place = _place(error)
        if place is None:  # a fault of the program, not of a template
            raise
        raise DataError(f"{place}: {_said(error)}") from error


def source(own: Mapping[str, str], name: str) -> str:
    """Return a style or script: that of the folder or the bundled one, and what the folder adds."""
    text = own.get(name)
    if text is None:
        text = (resource_dir("templates") / name).read_text("utf-8")
    extra = own.get(name.replace("report.", "extra."))
    text = text if extra is None else f"{text}\n{extra}"
    element = "style" if name.endswith(".css") else "script"
    if f"</{element}" in text.casefold():
        raise DataError(f"{TEMPLATES}/{name} (or what is added to it) must not hold </{element}")
    return text.replace("\r\n", "\n")


def own_templates(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the templates, styles and scripts among the files of a folder's `templates`.

    Raises:
        DataError: one is not UTF-8.
    """
    found = {}
    for name, data in files.items():
        if name.endswith((".j2", ".css", ".js")):
            try:
                found[name] = data.decode("utf-8-sig")
            except UnicodeDecodeError:
                raise DataError(f"{TEMPLATES}/{name}: not UTF-8") from None
    return found


def _environment(own: Mapping[str, str]) -> Environment:
    from jinja2 import ChoiceLoader, FileSystemLoader, FunctionLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        return (own[name], f"{TEMPLATES}/{name}", lambda: True) if name in own else None

    return ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([FunctionLoader(load), FileSystemLoader(resource_dir("templates"))]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _columns_json(columns: Sequence[ExplorerColumn]) -> str:
    from review.formats.rows import json_text
    from review.plots.artifact_json import script_json

    return script_json(json_text([asdict(c) for c in columns], indent=None))


def _place(error: BaseException) -> str | None:
    """Return template and line where an error arose: the innermost one that the folder brings."""
    found = None
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith(f"{TEMPLATES}/"):
            found = f"{frame.filename}:{frame.lineno}"
    name, line = getattr(error, "filename", None), getattr(error, "lineno", None)
    if name and line:  # a mistake in the writing is known before anything runs
        return f"{name}:{line}"
    return found


def _said(error: BaseException) -> str:
    if isinstance(error, TooLong):
        return f"the template {error}: does a loop end?"
    if isinstance(error, MemoryError):
        return "the template takes too much memory"
    if isinstance(error, RecursionError):
        return "the template calls or includes itself without an end"
    return f"{type(error).__name__}: {error}"
