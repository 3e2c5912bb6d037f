"""Writes the files of figures and tables: each file whole or not at all."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from review.plots.export import render
from review.plots.image import NoBrowserError, images
from review.project.write import output_folder, write_output

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from review.analysis_api import Artifact
    from review.plots.export import Format


def write(
    artifacts: Sequence[Artifact],
    folder: Path,
    formats: Sequence[Format],
    context: Mapping[str, Any],
    *,
    read: Iterable[Path],
) -> tuple[list[Path], NoBrowserError | None]:
    """Write artifacts in all formats into a folder, which is made when it is not there.

    Args:
        artifacts: figures and tables.
        folder: for their files.
        formats: of the files.
        context: what the files say of their origin.
        read: review folders and files that the command reads: none is written over.

    Returns:
        The files written, and the error of the pictures that no browser could draw (everything
        else is written).

    Raises:
        InputError: the folder cannot be made or written to, or belongs to a review.
    """
    read = list(read)
    output_folder(folder)
    written: list[Path] = []
    pictures = [chosen for chosen in formats if chosen in {"svg", "png"}]
    for artifact in artifacts:
        for chosen in formats:
            if chosen not in pictures:
                written += write_files(folder, render(artifact, chosen, context), read=read)
    failed: NoBrowserError | None = None
    if pictures:
        try:
            files = images(artifacts, pictures)
        except NoBrowserError as error:
            files, failed = error.partial, error
        written += write_files(folder, files, read=read)
    return written, failed


def file_stem(name: str, known: Iterable[str] = ()) -> str:
    """Return a name as it may stand in the names of files: letters, digits and hyphens.

    Args:
        name: of a tool, a metric, a table.
        known: the names it must be told apart from. One that would be written alike, because the
            two differ in signs or capitals only, gets a mark made from the name.

    Example:
        >>> file_stem("RoB 2", ["QUADAS-2", "RoB 2"])
        'rob-2'
        >>> file_stem("RoB 2", ["RoB 2", "RoB-2"]), file_stem("RoB-2", ["RoB 2", "RoB-2"])
        ('rob-2-6cc18b', 'rob-2-6b7d20')
    """
    stem = _plain(name)
    if stem and all(_plain(other) != stem for other in known if other != name):
        return stem
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{stem}-{mark}".strip("-")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:60].strip("-")


def write_files(folder: Path, files: Mapping[str, bytes], *, read: Iterable[Path]) -> list[Path]:
    """Write files into a folder that is there; return their paths (`read` as for `write`)."""
    read = list(read)
    for name, data in files.items():
        write_output(folder / name, data, read=read)
    return [folder / name for name in files]
