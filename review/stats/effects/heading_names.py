"""What a heading says about its column: standard errors or variances."""

from __future__ import annotations

import re
from typing import Final

_SE: Final = re.compile(
    r"(?:sei?|se_?te|std_?err(?:or)?|standard_?error|se_?log.*|se_?ln.*|se_.+|.+_se)\Z"
)
_VARIANCE: Final = re.compile(
    r"(?:vi?|var|variance|var_?log.*|var_?ln.*|var_.+|variance_.+|.+_var)\Z"
)


def plain_name(name: str) -> str:
    """Small letters and digits, words joined by _.

    Example:
        >>> plain_name("Hazard Ratio"), plain_name("95% CI lower")
        ('hazard_ratio', '95_ci_lower')
    """
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def names_standard_error(name: str) -> bool:
    """Tell whether a heading says that its column holds standard errors.

    Example:
        >>> [names_standard_error(n) for n in ("seTE", "se_beta", "SE", "vi", "season")]
        [True, True, True, False, False]
    """
    return _SE.match(plain_name(name)) is not None


def names_variance(name: str) -> bool:
    """Tell whether a heading says that its column holds variances.

    Example:
        >>> [names_variance(n) for n in ("varlogOR", "vi", "variance", "se", "variety")]
        [True, True, True, False, False]
    """
    return _VARIANCE.match(plain_name(name)) is not None
