"""Within-study comparisons: two networks, or two transfer-learning types, on the same data.

Only such pairs can say that one does better than another: between studies, the data differ too.
Two reported results are a pair when study, metric, data set and description are the same but for
the network (or but for the type).
"""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from review.models.backbones import named_in, names_pattern
from review.stats.ground.p_adjustment import holm

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from review.project import Review
    from review.schema import ReportedResult

What = Literal["backbone", "tl_type"]


@dataclass(frozen=True)
class Pair:
    """Two results of one study that differ in one thing.

    Attributes:
        first, second: the two networks or types, in alphabetical order.
        first_value, second_value: as reported; larger is better in all metrics used.
    """

    study_id: str
    what: What
    metric: str
    first: str
    second: str
    first_value: float
    second_value: float

    @property
    def sign(self) -> int:
        """1 when the first is better, -1 when the second is, 0 for a tie."""
        return (self.first_value > self.second_value) - (self.first_value < self.second_value)


@dataclass(frozen=True)
class Contest:
    """All studies that compared the same two, with an exact sign test.

    Each study has one vote: the side that is better in most of its pairs.

    Attributes:
        first_better, second_better, tied: studies.
        p_value: two-sided sign test without ties; None when all tied.
        p_holm: adjusted for all contests made at once.
        ranked: whether that many votes can rank them (adjusted p below 0.05).
    """

    what: What
    first: str
    second: str
    first_better: int
    second_better: int
    tied: int
    p_value: float | None
    p_holm: float | None
    ranked: bool
    studies: tuple[str, ...]
    pairs: tuple[Pair, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return asdict(self)


def pairs(review: Review, what: What) -> tuple[Pair, ...]:
    """Return the within-study comparisons of a review.

    Args:
        review: its results with the role `comparison` are used.
        what: compare networks, or transfer-learning types.
    """
    groups: dict[tuple[Any, ...], dict[str, float | None]] = {}
    for result in review.results:
        key, side = _key(result, what)
        if side is None or result.value is None or result.role != "comparison":
            continue
        sides = groups.setdefault((result.study_id, result.metric, *key), {})
        # reported twice for different conditions that are not coded: no fair pair
        sides[side] = None if side in sides else float(result.value)
    return tuple(_pairs(groups, what))


def contests(found: Iterable[Pair]) -> tuple[Contest, ...]:
    """Count who is better in how many studies, the most often compared first."""
    by_two: dict[tuple[What, str, str], list[Pair]] = {}
    for pair in found:
        by_two.setdefault((pair.what, pair.first, pair.second), []).append(pair)
    made = [_contest(two, inside) for two, inside in by_two.items()]
    adjusted = [
        replace(c, p_holm=p, ranked=p is not None and p < 0.05)
        for c, p in zip(made, holm([c.p_value for c in made]), strict=True)
    ]
    return tuple(sorted(adjusted, key=lambda c: (c.what, -len(c.studies), c.first, c.second)))


def sign_test(better: int, worse: int) -> float | None:
    """Return the two-sided p-value of an exact sign test; None without any vote.

    Source: the binomial distribution with probability 1/2; Conover (1999), section 3.4.

    Example:
        >>> sign_test(6, 0), sign_test(2, 1), sign_test(0, 0)
        (0.03125, 1.0, None)
    """
    n = better + worse
    if n == 0:
        return None
    tail = sum(math.comb(n, i) for i in range(min(better, worse) + 1))
    return min(1.0, 2 * tail / (1 << n))


def _contest(two: tuple[What, str, str], inside: Sequence[Pair]) -> Contest:
    votes: dict[str, int] = {}
    for pair in inside:
        votes[pair.study_id] = votes.get(pair.study_id, 0) + pair.sign
    first = sum(v > 0 for v in votes.values())
    second = sum(v < 0 for v in votes.values())
    return Contest(
        what=two[0],
        first=two[1],
        second=two[2],
        first_better=first,
        second_better=second,
        tied=len(votes) - first - second,
        p_value=sign_test(first, second),
        p_holm=None,
        ranked=False,
        studies=tuple(votes),
        pairs=tuple(inside),
    )


def _key(result: ReportedResult, what: What) -> tuple[tuple[Any, ...], str | None]:
    """Return what two results must share, and the side that this one is on."""
    text = result.model or ""
    setting = (result.dataset, result.n_test)
    nets = named_in(text)
    if what == "tl_type":
        # the description of a type differs with the type; the network must be the same
        return (nets or _plain(text), *setting), result.tl_type
    rest = _plain(names_pattern().sub("", text))
    return (rest, result.tl_type, *setting), nets[0] if len(nets) == 1 else None


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.casefold()).strip()


def _pairs(groups: dict[tuple[Any, ...], dict[str, float | None]], what: What) -> Iterable[Pair]:
    for key, sides in groups.items():
        known = sorted((side, value) for side, value in sides.items() if value is not None)
        for (a, x), (b, y) in itertools.combinations(known, 2):
            yield Pair(str(key[0]), what, str(key[1]), a, b, x, y)
