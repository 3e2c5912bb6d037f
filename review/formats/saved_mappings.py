"""Reads and writes `mappings.toml`: what was said about the headings of a file is kept.

The next file with the same headings, in any order and spelling, is read in the same way.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from review.formats.headings import fold
from review.project.toml_files import read_settings
from review.project.transaction import changes
from review.schema.folder_files import MAPPINGS_FILE
from review.schema.heading_map import HeadingMap, HeadingMaps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def saved_mapping(folder: Path, headings: Sequence[str]) -> dict[str, str]:
    """Return heading -> variables for a file with these headings; empty when none was saved.

    Args:
        folder: of the review.
        headings: of the file.

    Raises:
        DataError: `mappings.toml` is broken.
    """
    path = folder / MAPPINGS_FILE
    if not path.is_file():
        return {}
    shape = {fold(h) for h in headings}
    for entry in reversed(read_settings(path, HeadingMaps).mapping):
        if {fold(h) for h in entry.headings} == shape:
            known = {fold(h): names for h, names in entry.map.items()}
            return {h: known[fold(h)] for h in headings if fold(h) in known}
    return {}


def save_mapping(
    folder: Path, headings: Sequence[str], mapping: Mapping[str, str], *, note: str = ""
) -> Path:
    """Keep what the headings of a file mean; an earlier entry of the same shape is replaced.

    Args:
        folder: of the review.
        headings: all of the file.
        mapping: heading -> variables.
        note: where the file came from.

    Raises:
        DataError: `mappings.toml` is broken.
        InputError: the folder cannot be written to.
    """
    path = folder / MAPPINGS_FILE
    shape = {fold(h) for h in headings}
    with changes(folder, command="map") as tx:
        kept = read_settings(path, HeadingMaps).mapping if path.is_file() else ()
        entries = [e for e in kept if {fold(h) for h in e.headings} != shape]
        entries.append(HeadingMap(headings=tuple(headings), map=dict(mapping), note=note))
        tx.replace(MAPPINGS_FILE, mappings_text(entries).encode())
    return path


def mappings_text(entries: Sequence[HeadingMap]) -> str:
    """Return the text of `mappings.toml`."""
    return "\n".join(map(_entry_text, entries))


def _entry_text(entry: HeadingMap) -> str:
    # basic strings of TOML and JSON are escaped in the same way
    lines = ["[[mapping]]"]
    if entry.note:
        lines.append(f"note = {_quoted(entry.note)}")
    lines.append(f"headings = [{', '.join(map(_quoted, entry.headings))}]")
    lines += ["", "[mapping.map]"]
    lines += [f"{_quoted(heading)} = {_quoted(names)}" for heading, names in entry.map.items()]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
