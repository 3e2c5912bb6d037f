"""What a figure or table module returns, and how such modules are found.

A module lies in `analysis/` of the review folder or of this package and is called
`figure_06_performance.py`, `figure_size.py` or `table_01_backbones.py`; it defines

    TITLE: str                       one line for listings
    build(review, options) -> Artifact

Modules are loaded by path, so that nothing generic ("analysis") becomes an import name.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, cast

from review.errors import DataError, UnknownNameError
from review.resources import resource_dir

if TYPE_CHECKING:
    from pathlib import Path

    from review.project import Review

Kind = Literal["figure", "table"]
_FILE: Final = re.compile(r"(figure|table)_(\d+|[a-z][a-z0-9]*)(_[a-z0-9_]+)?\.py\Z")


@dataclass(frozen=True)
class Options:
    """What a user can set for every figure.

    Attributes:
        selection: `all` plots every study with the values needed; `strict` applies the paper's
            exclusions.
        seed: of bootstrap intervals and sampled permutations.
    """

    selection: Literal["all", "strict"] = "all"
    seed: int = 20220413


@dataclass(frozen=True)
class Panel:
    """One panel of a figure, or a table.

    Attributes:
        letter: `a`, `b`, ...; empty when there is one panel only.
        rows: the plotted or tabulated data, one dictionary per row, same keys in each.
        statistics: numbers computed on `rows`, ready for JSON.
        figure: a plotly figure, or None.
        svg: a drawing that is not plotly's, or None.
        alt: what the panel shows, in words, with its main numbers.
        links: column of `rows` that holds a web address -> column that shows it.
    """

    letter: str
    title: str
    rows: list[dict[str, Any]]
    statistics: dict[str, Any] = field(default_factory=dict)
    figure: Any = None
    svg: str | None = None
    alt: str = ""
    caption: str = ""


@dataclass(frozen=True)
class Artifact:
    """A figure or table: its panels, its caption and what has to be said about it.

    Attributes:
        key: `6` of Figure 6, `size` of the figure called size.
        notes: lines such as the steps of a selection; shown below the figure and printed.
        stem: of the files that are written, instead of one made from kind and key.
    """

    kind: Kind
    key: str
    title: str
    caption: str
    panels: tuple[Panel, ...]
    notes: tuple[str, ...] = ()
    stem: str = ""

    @property
    def name(self) -> str:
        """`figure-6`, the stem of the files that are written."""
        return self.stem or f"{self.kind}-{self.key}"

    @property
    def heading(self) -> str:
        """`Figure 6: title`; of an artifact without a key, the title."""
        return f"{self.kind.capitalize()} {self.key}: {self.title}" if self.key else self.title

    def only(self, letter: str) -> Artifact:
        """Return the artifact with one panel.

        Raises:
            UnknownNameError: there is no such panel.
        """
        from dataclasses import replace

        chosen = tuple(p for p in self.panels if p.letter == letter)
        if not chosen:
            known = [f"{self.key}{p.letter}" for p in self.panels if p.letter]
            raise UnknownNameError("panel", f"{self.key}{letter}", known or [self.key])
        return replace(self, key=self.key + letter, panels=chosen)


class AnalysisModule(Protocol):
    """What a figure or table module defines."""

    TITLE: str

    def build(self, review: Review, options: Options) -> Artifact:
        """Return the figure or table of a review."""


def find_modules(review: Review | None, kind: Kind) -> dict[str, Path]:
    """Return the modules of a kind by key; those of the review folder replace bundled ones.

    Example:
        >>> "6" in find_modules(None, "figure")
        True
    """
    folders = [resource_dir("analysis")]
    if review is not None:
        folders.append(review.path / "analysis")
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.py")):
            match = _FILE.match(path.name)
            if match and match.group(1) == kind:
                found[match.group(2).lstrip("0") or "0"] = path
    return dict(sorted(found.items(), key=lambda kv: (not kv[0].isdigit(), kv[0].zfill(4))))


def load_module(path: Path) -> AnalysisModule:
    """Load a figure or table module by path.

    Raises:
        DataError: the file cannot be run, or lacks TITLE or build.
    """
    name = "review._analysis_" + re.sub(r"\W", "_", str(path))
    if name in sys.modules:
        return cast("AnalysisModule", sys.modules[name])
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise DataError(f"{path}: cannot be run: {type(error).__name__}: {error}") from error
    if not hasattr(module, "TITLE") or not callable(getattr(module, "build", None)):
        del sys.modules[name]
        raise DataError(f"{path}: defines no TITLE or no build(review, options)")
    return cast("AnalysisModule", module)
