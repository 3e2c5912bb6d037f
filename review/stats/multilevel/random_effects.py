"""Predicted random effects: the best linear unbiased predictions of all groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import UnknownNameError
from review.stats.ground.inference import critical_value, level_percent
from review.stats.ground.result_kit import Record
from review.words import level_name

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray
    from review.stats.multilevel.mv_result import MVResult
    from review.stats.multilevel.random_terms import Term


@dataclass(frozen=True, eq=False)
class RandomEffects(Record):
    """One row per effect of a group (and inner level), of all terms below each other.

    Attributes:
        term: name of the random term of each row. unit: its group. inner: its level, or "".
        pred: predicted effect. se: standard error of the prediction. pi_lb, pi_ub: limits.
        level: per cent.
    """

    term: tuple[str, ...]
    unit: tuple[str, ...]
    inner: tuple[str, ...]
    pred: FloatArray
    se: FloatArray
    pi_lb: FloatArray
    pi_ub: FloatArray
    level: float

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"Predicted random effects ({level_name(self.level)} prediction limits)"

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "unit", self.unit

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        inner = {"inner": list(self.inner)} if any(self.inner) else {}
        numbers = {n: getattr(self, n) for n in ("pred", "se", "pi_lb", "pi_ub")}
        return {"term": list(self.term), **inner, **numbers}

    def of(self, term: str) -> RandomEffects:
        """Return the effects of one term.

        Raises:
            UnknownNameError: there is no such term.
        """
        known = list(dict.fromkeys(self.term))
        if term not in known:
            raise UnknownNameError("random term", term, known)
        keep = [i for i, name in enumerate(self.term) if name == term]
        return RandomEffects(
            tuple(self.term[i] for i in keep), tuple(self.unit[i] for i in keep),
            tuple(self.inner[i] for i in keep), self.pred[keep], self.se[keep],
            self.pi_lb[keep], self.pi_ub[keep], self.level,
        )  # fmt: skip


def random_effects(result: MVResult, *, level: float | None = None) -> RandomEffects:
    """Predict the random effects: u = G Z'P y with covariance G - G Z'P Z G.

    The covariance is that of the prediction error, u - true effect, and includes the uncertainty
    of the coefficients (Harville 1976, Ann Stat 4:384; Raudenbush & Bryk 1985, J Educ Stat 10:75).
    Limits use the quantile of the tests.

    Args:
        result: the model.
        level: per cent; that of the model by default.

    Example:
        >>> from review import meta_analysis_mv
        >>> data = {"y": [0.1, 0.3, 0.8, 0.6, 0.2, 0.4], "v": [0.02] * 6,
        ...         "study": ["a", "a", "b", "b", "c", "c"]}
        >>> found = random_effects(meta_analysis_mv("y", "v", data=data, random="~ 1 | study"))
        >>> found.unit, bool(abs(found.pred.sum()) < 1e-12)
        (('a', 'b', 'c'), True)
    """
    shown = result.level if level is None else level_percent(level)
    ddf = None if result.ddf is None else float(result.ddf.min())
    c = float(critical_value(shown, ddf))
    names: list[tuple[str, str, str]] = []
    preds, variances = [np.empty(0)], [np.empty(0)]
    matrices = result.problem.matrices(result.point.x)
    for j, (term, T) in enumerate(zip(result.problem.terms, matrices, strict=True)):
        pred, var, group, inner = _of_term(result, j, term, T)
        preds.append(pred)
        variances.append(var)
        names += [
            (term.name, term.units[g], term.levels[i] if term.levels else "")
            for g, i in zip(group.tolist(), inner.tolist(), strict=True)
        ]
    pred, se = np.concatenate(preds), np.sqrt(np.maximum(np.concatenate(variances), 0.0))
    return RandomEffects(
        tuple(n[0] for n in names), tuple(n[1] for n in names), tuple(n[2] for n in names), pred,
        se, pred - c * se, pred + c * se, shown,
    )  # fmt: skip


def _of_term(result: MVResult, j: int, term: Term, T: FloatArray) -> tuple[Any, ...]:
    """Predictions and their variances for the effects of one term that occur."""
    link, point = term.link, result.point
    both = link.collect(np.column_stack([point.WU, point.Py]))  # Z'M^-1 U and Z'P y
    if link.R is not None:
        both = (link.R @ both[:, 0])[:, None, :]
    moved = np.einsum("cd,gdm->gcm", T, both)
    present, first = np.unique(link.unit, return_index=True)
    group, inner = link.group[first], link.inner[first]
    rows = moved.reshape(link.groups * link.c, -1)[present]
    slack = np.einsum("up,pq,uq->u", rows[:, :-1], np.linalg.inv(point.A), rows[:, :-1])
    own = T[inner, inner] * (1.0 if link.R is None else np.diag(link.R)[group])
    return rows[:, -1], own - point.M.explained(j, T)[present] + slack, group, inner
