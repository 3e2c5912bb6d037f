"""Records in the order of how like they are to those that were included so far.

TF-IDF of one- and two-word terms of title, abstract and keywords, and a linear support vector
machine in which all included records together weigh 9.8 times as much as all excluded ones,
however many there are of either: what ASReview's simulations found best on public reviews (van de
Schoot et al. 2021, Nature Machine Intelligence 3:125-133; the numbers are those of its model ELAS
u4). An order alone: no record is left out, whatever its score.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

WEIGHT: Final = 9.8
PENALTY: Final = 0.11
_TEXTS: Final = ("title", "abstract", "keywords")
_SEED: Final = 1


class RelevanceRanking:
    """A ranking of records, made anew with every decision that is known.

    The words of the records are counted once; ranking them again takes a fraction of a second.

    Args:
        records: with title, abstract and keywords; record_id names each.

    Raises:
        MissingExtraError: scikit-learn is not installed.
        InputError: no record has any text.

    Example:
        >>> ranking = RelevanceRanking([
        ...     {"record_id": "a", "title": "Deep learning for chest films"},
        ...     {"record_id": "b", "title": "Feeding of dairy cows"},
        ...     {"record_id": "c", "title": "Cows and milk"},
        ...     {"record_id": "d", "title": "Learning to read chest films"},
        ... ])
        >>> ranking.order({"a": True, "b": False})
        ['a', 'd', 'c', 'b']
    """

    def __init__(self, records: Sequence[Mapping[str, str]]) -> None:
        try:
            from sklearn.feature_extraction.text import TfidfVectorizer
        except ImportError:
            raise MissingExtraError(
                "ranking by relevance needs scikit-learn: pip install 'review-analytics[rank]'"
            ) from None
        self.ids = [record["record_id"] for record in records]
        self._row = {name: i for i, name in enumerate(self.ids)}
        texts = [" ".join(record.get(name) or "" for name in _TEXTS) for record in records]
        if not any(text.strip() for text in texts):
            raise InputError("no record has a title or an abstract to rank by")
        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32)
        self._terms: Any = words.fit_transform(texts)

    def scores(self, decided: Mapping[str, bool]) -> NDArray[np.float64] | None:
        """Return the score of each record, higher for more relevant; None as yet.

        Args:
            decided: record_id -> whether it was included; others than the records are left out.
                It takes one included and one excluded record to begin with.
        """
        from sklearn.svm import LinearSVC

        # in the order of the names, so that the order of the files makes no difference
        known = sorted(name for name in decided if name in self._row)
        labels = np.array([decided[name] for name in known], dtype=bool)
        if labels.all() or not labels.any():
            return None
        machine = LinearSVC(C=PENALTY, random_state=_SEED, max_iter=10_000)
        machine.fit(
            self._terms[[self._row[name] for name in known]], labels, sample_weight=_weights(labels)
        )
        found: NDArray[np.float64] = machine.decision_function(self._terms)
        return found

    def order(self, decided: Mapping[str, bool]) -> list[str]:
        """Return all identifiers, the most relevant first.

        As long as no record is included, or none excluded, they stay in the given order.
        """
        scores = self.scores(decided)
        if scores is None:
            return list(self.ids)
        return [self.ids[i] for i in np.lexsort((np.arange(len(scores)), -scores))]


def _weights(labels: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The weight of each record, 1 on average; the included ones have `WEIGHT` times the rest's."""
    n, included = len(labels), int(labels.sum())
    share = n / (1.0 + WEIGHT)
    return np.where(labels, WEIGHT * share / included, share / (n - included))
