"""Finds the files that travel with the package, in the wheel or in a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

Kind = Literal["data", "analysis", "models_ref", "templates"]

_PACKAGE: Final = Path(__file__).resolve().parent
_IN_CHECKOUT: Final[dict[Kind, str]] = {
    "data": "data",
    "analysis": "analysis",
    "models_ref": "models_ref",
    "templates": "reports/templates",
}


def resource_dir(kind: Kind) -> Path:
    """Return the folder of bundled `kind` files.

    Raises:
        FileNotFoundError: the installation is incomplete.

    Example:
        >>> (resource_dir("data") / "kim2022" / "review.toml").is_file()
        True
    """
    for candidate in (_PACKAGE / "_resources" / kind, _PACKAGE.parent / _IN_CHECKOUT[kind]):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(
        f"the {kind} files of the package are missing below {_PACKAGE}; install it again"
    )
