"""Writes the files of figures and tables: each file whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from review.errors import InputError
from review.plots.export import render
from review.plots.image import NoBrowserError, images
from review.project.write import write_atomic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from review.analysis_api import Artifact
    from review.plots.export import Format


def write(
    artifacts: Sequence[Artifact],
    folder: Path,
    formats: Sequence[Format],
    context: Mapping[str, Any],
) -> tuple[list[Path], NoBrowserError | None]:
    """Write artifacts in all formats into a folder, which is made when it is not there.

    Returns:
        The files written, and the error of the pictures that no browser could draw (everything
        else is written).

    Raises:
        InputError: the folder cannot be made or written to.
    """
    prepare(folder)
    written: list[Path] = []
    pictures = [chosen for chosen in formats if chosen in {"svg", "png"}]
    for artifact in artifacts:
        for chosen in formats:
            if chosen not in pictures:
                written += write_files(folder, render(artifact, chosen, context))
    failed: NoBrowserError | None = None
    if pictures:
        try:
            files = images(artifacts, pictures)
        except NoBrowserError as error:
            files, failed = error.partial, error
        written += write_files(folder, files)
    return written, failed


def write_files(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files into a folder that is there; return their paths."""
    for name, data in files.items():
        write_atomic(folder / name, data)
    return [folder / name for name in files]


def prepare(folder: Path) -> None:
    """Make a folder for results.

    Raises:
        InputError: a file is in the way, or the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise InputError(f"--out {folder} is a file; name a folder") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"--out {folder} cannot be made: {reason}") from None
