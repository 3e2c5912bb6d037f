"""Which version of the reference implementation the numbers agree with, and how to ask for another.

Where published formulas differ (a variance with n - 1 or n - 2, an estimate with or without its
second-order correction), the numbers follow the R package metafor, version 5.1. "3.8" gives those
of its versions up to 3.8, for comparison with older analyses:

| what | 5.1 | 3.8 | changed in |
|---|---|---|---|
| variance of ZPCOR | 1 / (n - mi - 2) | 1 / (n - mi - 1) | 4.0 |
| Orwin's fail-safe N | weighted by 1/v where variances are given | unweighted | 4.4 |
| SMDH, SMCRH | variance as published (Bonett 2008) | once more times J^2 | 4.6 |
| SMD1H | variance with n - 1 (Bonett 2008) | with n | 4.6 |
| ROM, ROMC, CVR, CVRC | second-order bias correction | none | 5.0 |
| variance of PCOR | (1 - r^2)^2 / (n - mi) | (1 - r^2)^2 / (n - mi - 1) | by 5.1 |

Two answers of the reference are not followed: a biserial correlation beyond 1, which it keeps (with
the variance of 1), is set to 1 and noted unless "3.8" is asked for; and equal effects in trim and
fill, which it takes in the order of the rows, have a rule of their own.
"""

from __future__ import annotations

from typing import Any, Final

from review.errors import UnknownNameError

LATEST: Final = "5.1"
CONVENTIONS: Final = (LATEST, "3.8")


def named(convention: str) -> str:
    """Return the version of the reference that a convention is that of.

    Example:
        >>> named("default"), named("3.8")
        ('metafor 5.1', 'metafor 3.8')
    """
    return f"metafor {choose_convention(convention)}"


def choose_convention(given: Any) -> str:
    """Return "5.1" (also for "default") or "3.8".

    Raises:
        UnknownNameError: there is no such convention.

    Example:
        >>> choose_convention("default"), choose_convention("3.8")
        ('5.1', '3.8')
    """
    version = LATEST if given == "default" else str(given)
    if version not in CONVENTIONS:
        raise UnknownNameError("convention", version, ["default", *CONVENTIONS])
    return version
