"""What a figure or table module returns, and how such modules are found.

A module lies in `analysis/` of the review folder or of this package and is called
`figure_06_performance.py`, `figure_size.py` or `table_01_backbones.py`; it defines

    TITLE: str                       one line for listings
    build(review, options) -> Artifact

Modules are run from their text, so that nothing generic ("analysis") becomes an import name. Those
of a review folder run only where the user trusts the folder; titles are read without running them.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import re
import sys
import warnings
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, cast, get_args

from review.errors import DataError, InputError, ReviewError, UnknownNameError
from review.project.folder_code import MODULES
from review.resources import resource_dir

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from review.project import Review

Kind = Literal["figure", "table"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_LONGEST: Final = 1_000_000  # bytes of a module that is parsed for its title
_FILE: Final = re.compile(r"(figure|table)_(\d+|[a-z][a-z0-9]*)(_[a-z0-9_]+)?\.py\Z")


@dataclass(frozen=True)
class Options:
    """What a user can set for every figure.

    Attributes:
        selection: `all` plots every study with the values needed; `strict` applies the paper's
            exclusions.
        seed: of bootstrap intervals and sampled permutations.
        recount: whether networks are counted a second time, on torch modules, where these can be
            loaded; it takes seconds, and a report must not depend on what is installed.
    """

    selection: Literal["all", "strict"] = "all"
    seed: int = 20220413
    recount: bool = True


@dataclass(frozen=True)
class Panel:
    """One panel of a figure, or a table.

    Attributes:
        letter: `a`, `b`, ...; empty when there is one panel only.
        rows: the plotted or tabulated data, one dictionary per row, same keys in each.
        statistics: numbers computed on `rows`, ready for JSON.
        figure: a plotly figure, or None.
        svg: a drawing that is not plotly's, or None.
        smaller: of a drawing, those for "phone" and "paper" where they are other ones.
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
    smaller: Mapping[str, str] = field(default_factory=dict)


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


@dataclass(frozen=True)
class ModuleFile:
    """The file of a figure or table.

    Attributes:
        name: the file, relative to the folder that brings it.
        path: where it lies.
        source: its text as read when the folder was looked at; None of the bundled modules, which
            are loaded from their file.
        used: whether it may run; False for code of a folder that the user does not trust.
    """

    name: str
    path: Path
    source: bytes | None = None
    used: bool = True

    @property
    def own(self) -> bool:
        """Whether the review folder brings it."""
        return self.source is not None

    @property
    def title(self) -> str:
        """The TITLE that the text states, read without running it; "" when it is computed."""
        source = self.path.read_bytes() if self.source is None else self.source
        return _title(source)


def find_modules(review: Review | None, kind: Kind) -> dict[str, ModuleFile]:
    """Return the modules of a kind by key; those of a trusted review folder replace bundled ones.

    Example:
        >>> "6" in find_modules(None, "figure")
        True

    Raises:
        DataError: two modules of the folder make the same figure or table.
    """
    files = [ModuleFile(p.name, p) for p in sorted(resource_dir("analysis").glob("*.py"))]
    if review is not None and review.code.used:
        files += _own_files(review)
    return _by_key(files, kind)


def concerns(file: ModuleFile, review: Review) -> bool:
    """Return whether a figure or table is about what a review studies.

    A bundled module names in ROLES the roles that it is about, and in PUBLISHED the facts of a
    paper that it checks; one of the review's own folder always belongs to it.

    Example:
        >>> from review.project import open_review
        >>> table = find_modules(None, "table")["1"]
        >>> concerns(table, open_review("kim2022")), concerns(table, open_review("wang2021"))
        (True, False)
    """
    if file.own:
        return True
    module = load_module(file)
    roles = review.settings.roles
    if not all(getattr(roles, name) for name in getattr(module, "ROLES", ())):
        return False
    stated = getattr(module, "PUBLISHED", "")
    return not stated or (review.published is not None and bool(review.published.data.get(stated)))


def untrusted_modules(review: Review, kind: Kind) -> dict[str, ModuleFile]:
    """Return the modules that the folder brings and that are left out, to be named.

    Example:
        >>> from review.project import open_review
        >>> untrusted_modules(open_review("kim2022"), "figure")
        {}

    Raises:
        DataError: two modules of the folder make the same figure or table.
    """
    return {} if review.code.used else _by_key(_own_files(review), kind)


def _own_files(review: Review) -> list[ModuleFile]:
    return [
        ModuleFile(name, review.path / name, source, review.code.used)
        for name, source in sorted(review.code.files.items())
        if name.startswith(f"{MODULES}/") and name.count("/") == 1
    ]


def _by_key(files: Iterable[ModuleFile], kind: Kind) -> dict[str, ModuleFile]:
    found: dict[str, ModuleFile] = {}
    for file in files:
        match = _FILE.match(file.path.name)
        if match and match.group(1) == kind:
            key = match.group(2).lstrip("0") or "0"
            if key in found and found[key].own:
                raise DataError(f"{found[key].name} and {file.name} are both {kind} {key}")
            found[key] = file
    return dict(sorted(found.items(), key=lambda kv: (not kv[0].isdigit(), kv[0].zfill(4))))


def load_module(file: ModuleFile) -> AnalysisModule:
    """Load a figure or table module.

    Raises:
        InputError: it belongs to a review folder that the user does not trust.
        DataError: the file cannot be run, or lacks TITLE or build.
    """
    if not file.used:
        raise InputError(f"{file.path}: the folder is not trusted; read the file, then add --trust")
    # the text is a part of the name: a module that was edited is another one
    text = "" if file.source is None else hashlib.sha256(file.source).hexdigest()
    name = "review._analysis_" + re.sub(r"\W", "_", str(file.path)) + text
    if name not in sys.modules:
        module = ModuleType(name)
        module.__file__ = str(file.path)
        sys.modules[name] = module  # where a dataclass of the module looks for its annotations
        try:
            _run(module, file)
        except BaseException:
            del sys.modules[name]
            raise
    loaded = cast("AnalysisModule", sys.modules[name])
    return _Own(loaded, file.path) if file.own else loaded


class _Own:
    """A module of a review folder: what goes wrong in it is a fault of that file."""

    def __init__(self, module: AnalysisModule, path: Path) -> None:
        self.TITLE, self._module, self._path = module.TITLE, module, path

    def build(self, review: Review, options: Options) -> Artifact:
        """Return the figure or table of a review.

        Raises:
            DataError: the module fails.
        """
        with _blamed(self._path):
            return self._module.build(review, options)


def _run(module: ModuleType, file: ModuleFile) -> None:
    """Run the text of a module: never bytecode that lies beside it, which nobody has read."""
    source = file.path.read_bytes() if file.source is None else file.source
    with _blamed(file.path, "cannot be run: "):
        exec(compile(source, str(file.path), "exec"), module.__dict__)  # noqa: S102  trusted code
    if not hasattr(module, "TITLE") or not callable(getattr(module, "build", None)):
        raise DataError(f"{file.path}: defines no TITLE or no build(review, options)")


@contextlib.contextmanager
def _blamed(path: Path, what: str = "") -> Iterator[None]:
    # bytecode of what the module imports from its folder would count as a change of the folder
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    except ReviewError:
        raise
    except (Exception, SystemExit) as error:
        raise DataError(f"{path}: {what}{type(error).__name__}: {error}") from error
    finally:
        sys.dont_write_bytecode = before


def _title(source: bytes) -> str:
    if len(source) > _LONGEST:
        return ""
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        named = any(isinstance(t, ast.Name) and t.id == "TITLE" for t in targets)
        value = getattr(node, "value", None)
        if named and isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
    return ""
