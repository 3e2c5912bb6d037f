"""`review analyze`: figures and tables as HTML, CSV, JSON, SVG and PNG."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from review.cli.common import (
    DEFAULT_OUT,
    FiguresOption,
    JsonOption,
    OutOption,
    ReviewOption,
    TrustOption,
    WhereOption,
    echo,
    load_with_code,
    print_json,
    print_table,
    warn,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from review.analysis_api import Artifact, Kind, ModuleFile, Options
    from review.project import Review


def analyze(
    *,
    figure: Annotated[
        list[str] | None,
        typer.Option(
            "--figure",
            "-f",
            metavar="N",
            help="A figure (1 to 6, size) or one panel of it (6a); may be repeated.",
        ),
    ] = None,
    table: Annotated[
        list[str] | None,
        typer.Option("--table", "-t", metavar="N", help="A table (1, tl); may be repeated."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every figure and table that the review has data for.")
    ] = False,
    review: ReviewOption = None,
    out: OutOption = None,
    formats: FiguresOption = None,
    where: WhereOption = None,
    selection: Annotated[
        str,
        typer.Option(
            "--selection",
            metavar="all|strict",
            help="Figure 6: every study with the values needed, or only those of one model, one "
            "transfer-learning type and one modality.",
        ),
    ] = "all",
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Of sampled permutations.")
    ] = None,
    open_: Annotated[
        bool, typer.Option("--open", help="Open the first page written in the browser.")
    ] = False,
    listing: Annotated[bool, typer.Option("--list", help="List the figures and tables.")] = False,
    trust: TrustOption = False,
    as_json: JsonOption = False,
) -> None:
    """Draw figures and tables of a review, with their data and statistics.

    Figure modules that the folder brings (analysis/) run only where you trust it.

    With --json the statistics go to standard output, and files are written only when --out or
    --format is given.
    """
    from review.plots.export import parse_formats

    chosen = parse_formats(formats or [])
    options = _options(selection, seed)
    opened = load_with_code(review, where, trust=trust)
    if listing:
        _list(opened, as_json=as_json)
        return
    wanted = _wanted(opened, figure or [], table or [], everything=everything)
    context = _context(opened, options)
    written: list[Path] = []
    failed = None
    with _no_collector():
        artifacts = _build(opened, options, wanted, everything=everything)
        if not as_json or out is not None or formats:
            from review.cli.artifacts import write

            written, failed = write(
                artifacts, out or DEFAULT_OUT, chosen, context, read=[opened.path]
            )
    _report(artifacts, written, context, as_json=as_json)
    if failed is not None:
        raise failed
    if open_:
        _open(written)


@contextlib.contextmanager
def _no_collector() -> Iterator[None]:
    """Pause the collector of reference cycles: a fifth of the time with 50,000 studies."""
    import gc

    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _options(selection: str, seed: int | None) -> Options:
    from typing import cast, get_args

    from review.analysis_api import Options
    from review.errors import InputError, UnknownNameError
    from review.workflow.selection import SelectionMode

    known = get_args(SelectionMode)
    if selection not in known:
        raise UnknownNameError("selection", selection, known)
    if seed is not None and seed < 0:
        raise InputError(f"--seed {seed} is negative; a seed is 0 or a positive whole number")
    mode = cast("SelectionMode", selection)
    return Options(selection=mode) if seed is None else Options(selection=mode, seed=seed)


class _Wanted:
    """A figure or table that was asked for: its module and the panel, if any."""

    def __init__(self, kind: str, key: str, file: ModuleFile, panel: str = "") -> None:
        self.kind, self.key, self.file, self.panel = kind, key, file, panel

    @property
    def name(self) -> str:
        return f"{self.kind} {self.key}{self.panel}"


def _wanted(
    review: Review, figures: Sequence[str], tables: Sequence[str], *, everything: bool
) -> list[_Wanted]:
    from review.analysis_api import KINDS, find_modules, untrusted_modules
    from review.errors import InputError

    known = {kind: find_modules(review, kind) for kind in KINDS}
    if everything:
        return [_Wanted(kind, key, file) for kind in known for key, file in known[kind].items()]
    asked: dict[Kind, list[str]] = {"figure": _split(figures), "table": _split(tables)}
    # modules of an untrusted folder are found when nothing else has the name: to say why not
    known = {kind: untrusted_modules(review, kind) | known[kind] for kind in known}
    found = [_one(kind, name, known[kind]) for kind in known for name in asked[kind]]
    if not found:
        listed = "; ".join(f"--{kind} {', '.join(known[kind])}" for kind in known if known[kind])
        raise InputError(f"nothing to analyse was named; there is {listed}; or --all")
    return found


def _split(values: Iterable[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def _one(kind: str, name: str, known: dict[str, ModuleFile]) -> _Wanted:
    from review.errors import UnknownNameError

    key = name.casefold().removeprefix(kind).strip(" -")
    key = key.lstrip("0") or key
    if key in known:
        return _Wanted(kind, key, known[key])
    panel = re.fullmatch(r"(.+?)([a-z])", key)
    if panel and panel.group(1) in known:
        return _Wanted(kind, panel.group(1), known[panel.group(1)], panel.group(2))
    raise UnknownNameError(kind, name, list(known))


def _build(
    review: Review, options: Options, wanted: list[_Wanted], *, everything: bool
) -> list[Artifact]:
    """Build what was asked for; with --all, what has no data is named and passed over."""
    from review.analysis_api import load_module
    from review.errors import InputError

    # a broken table is one error, not one per figure
    len(review.studies)
    made = []
    for i, one in enumerate(wanted, start=1):
        if len(wanted) > 1:
            warn(f"[{i}/{len(wanted)}] {one.name}")
        try:
            artifact = load_module(one.file).build(review, options)
        except InputError as error:
            if not everything:
                raise
            warn(f"  passed over: {error}")
            continue
        made.append(artifact.only(one.panel) if one.panel else artifact)
    if not made:
        raise InputError(f"{review.name} has no data for any figure or table")
    return made


def _context(review: Review, options: Options) -> dict[str, Any]:
    from review import __version__

    settings = review.settings
    return {
        "review": review.name,
        "review_title": settings.title,
        "cite": settings.cite,
        "sample": settings.sample,
        "filter": review.filter.text if review.filter else None,
        "selection": options.selection,
        "seed": options.seed,
        "version": __version__,
    } | ({"left_out": list(review.code.left_out)} if review.code.left_out else {})


def _list(review: Review, *, as_json: bool) -> None:
    from review.analysis_api import KINDS, find_modules, untrusted_modules

    rows: list[dict[str, Any]] = [
        {"kind": kind, "key": key, "title": file.title, "own": file.own, "used": file.used}
        for kind in KINDS
        for files in (find_modules(review, kind), untrusted_modules(review, kind))
        for key, file in files.items()
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        ["", "", "", ""],
        [(f"--{r['kind']}", r["key"], r["title"], "" if r["used"] else "(left out: not trusted)")
         for r in rows],
    )  # fmt: skip


def _report(
    artifacts: list[Artifact], written: list[Path], context: dict[str, Any], *, as_json: bool
) -> None:
    from review.plots.artifact_json import statistics

    if as_json:
        found = [statistics(a, context) for a in artifacts]
        print_json(found[0] if len(found) == 1 else found)
        return
    for artifact in artifacts:
        echo(f"{artifact.kind.capitalize()} {artifact.key}: {artifact.title}")
        for panel in artifact.panels:
            if panel.alt:
                echo(f"  {panel.letter + ' ' if panel.letter else ''}{panel.alt}")
        for note in artifact.notes:
            echo(f"  {note}")
    for path in written:
        echo(f"written: {path}")


def _open(written: list[Path]) -> None:
    import webbrowser

    pages = [p for p in written if p.suffix == ".html"] or written
    if pages and not webbrowser.open(pages[0].resolve().as_uri()):
        warn(f"no browser answered; open {pages[0]} yourself")
