from __future__ import annotations

import re

import review


def test_every_public_name_can_be_imported_and_is_documented():
    for name in review.__all__:
        value = getattr(review, name)
        if name != "__version__":
            assert value.__doc__, name


def test_unknown_names_are_attribute_errors():
    import pytest

    with pytest.raises(AttributeError, match="meta_analysys"):
        review.meta_analysys  # noqa: B018


def test_the_version_is_the_one_of_the_distribution():
    import importlib.metadata

    assert importlib.metadata.version("review-analytics") == review.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", review.__version__)
