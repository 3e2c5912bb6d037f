"""`review trust`: whose modules and templates may be used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from review.cli.common import JsonOption, echo, load, print_json, print_table

if TYPE_CHECKING:
    from review.project import Review


def trust(
    folder: Annotated[
        str | None,
        typer.Argument(metavar="[DIR]", help="A review folder; the one around you without it."),
    ] = None,
    *,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="Trust the folder no longer; it may be gone.")
    ] = False,
    listing: Annotated[
        bool, typer.Option("--list", help="List the folders that you trust, and their files.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Trust the Python modules (analysis/) and templates (templates/) of a review folder.

    They run with all your rights when a figure or a report is made: read them first. The word
    holds for the files as they are now; a change asks again. It is kept outside of the folder.
    """
    from review.errors import InputError
    from review.project.trusted import key_of, revoke_trust

    if listing:
        if folder or revoke:
            raise InputError("--list takes neither a folder nor --revoke")
        _list(as_json=as_json)
        return
    if revoke:
        named = Path(folder) if folder else load(None).path
        if not revoke_trust(named):
            raise InputError(f"{key_of(named)} is not among the folders that you trust (--list)")
        _say("no longer trusted", key_of(named), (), as_json=as_json)
        return
    _trust(load(folder), as_json=as_json)


def _trust(review: Review, *, as_json: bool) -> None:
    from review.project.folder_code import trust_code

    code = review.code
    if code.state in {"none", "bundled"}:
        _say("nothing to trust: no modules, no templates", str(review.path), (), as_json=as_json)
        return
    trust_code(code)
    _say("trusted, as long as they stay the same", str(review.path), code.files, as_json=as_json)


def _say(what: str, folder: str, files: Any, *, as_json: bool) -> None:
    if as_json:
        print_json({"folder": folder, "state": what, "files": list(files)})
        return
    echo(f"{folder}: {what}")
    for name in files:
        echo(f"  {name}")


def _list(*, as_json: bool) -> None:
    from review.project.folder_code import read_code
    from review.project.trusted import trust_file, trusted_folders

    rows = []
    for one in trusted_folders().values():
        path = Path(one.folder)
        state = read_code(path).state if path.is_dir() else "gone"
        rows.append({"folder": one.folder, "state": "no code" if state == "none" else state,
                     "since": one.since, "files": list(one.files)})  # fmt: skip
    if as_json:
        print_json(rows)
        return
    if rows:
        names = [", ".join(r["files"]) for r in rows]
        print_table(
            ["folder", "state", "since", "files"],
            [[r["folder"], r["state"], r["since"], n] for r, n in zip(rows, names, strict=True)],
        )
    echo(f"{len(rows)} folders are trusted (kept in {trust_file()})")
