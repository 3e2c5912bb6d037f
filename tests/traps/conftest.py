"""Small files as exports and tables, for the tests of what other tools do."""

from __future__ import annotations

import pytest

from review.formats.bibliography.reading_exports import read_export
from review.formats.reading import table_from_bytes


@pytest.fixture
def records(tmp_path):
    """Read a text as an export; returns what was read and the remarks."""

    def reader(text, name="export.dat"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        export = read_export(path)
        return [*export], [*export.remarks()]

    return reader


@pytest.fixture
def table():
    """Read a text as a table."""

    def reader(text):
        return table_from_bytes(text.encode(), "table.csv")

    return reader
