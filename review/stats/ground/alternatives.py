"""Which side a test looks at: one vocabulary for all functions.

"two-sided", "greater" and "less", and for rules "one-sided"; R's spelling with a point, other
separators and any case are understood.
"""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

from review.errors import UnknownNameError

Alternative = Literal["two-sided", "greater", "less"]
ALTERNATIVES: Final = get_args(Alternative)


def choose_alternative(given: Any, what: str = "alternative") -> Alternative:
    """Return "two-sided", "greater" or "less".

    Args:
        given: what the caller wrote.
        what: named in the message.

    Raises:
        UnknownNameError: it is none of them.

    Example:
        >>> choose_alternative("two.sided"), choose_alternative("Greater")
        ('two-sided', 'greater')
    """
    word = hyphenated(given)
    for known in ALTERNATIVES:
        if word == known:
            return known  # type: ignore[no-any-return]
    raise UnknownNameError(what, str(given), ALTERNATIVES)


def hyphenated(given: Any) -> str:
    """Return a word in lower case with "-" between its parts.

    Example:
        >>> hyphenated("One.Sided"), hyphenated("two sided")
        ('one-sided', 'two-sided')
    """
    text = str(given).strip().casefold()
    return text.replace(".", "-").replace("_", "-").replace(" ", "-")
