"""Predicted averages of a multilevel model, and intervals of a single true effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError, UnknownNameError
from review.stats.ground.inference import critical_value, level_percent
from review.stats.pooling.prediction import transformed

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from review.stats.ground.least_squares import FloatArray
    from review.stats.multilevel.mv_result import MVResult
    from review.stats.multilevel.random_terms import Term

    Transf = str | Callable[[FloatArray], Any] | None


@dataclass(frozen=True, eq=False)
class MVPrediction:
    """Predictions, arrays of shape (m,).

    Attributes:
        pred: predicted averages. se: their standard errors; None after a transformation.
        ci_lb, ci_ub: confidence limits of the averages.
        pi_lb, pi_ub: prediction limits of a true effect in a new group; None where the variance
            depends on a level of the inner variable that is not known.
        heterogeneity: variance of true effects around the average, (m,), or None, likewise.
        level: per cent. transf: name of the transformation, or "".
        slab: labels of the rows, or None. levels: inner level of each row, or None.
        X: design rows, (m, p), when asked for. coef_names: names of its columns.
        missing: why there are no prediction limits, or "".
    """

    pred: FloatArray
    se: FloatArray | None
    ci_lb: FloatArray
    ci_ub: FloatArray
    pi_lb: FloatArray | None
    pi_ub: FloatArray | None
    heterogeneity: FloatArray | None
    level: float
    transf: str = ""
    slab: tuple[str, ...] | None = None
    levels: tuple[str, ...] | None = None
    X: FloatArray | None = None
    coef_names: tuple[str, ...] = ()
    missing: str = ""

    def __len__(self) -> int:
        return len(self.pred)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per prediction."""
        import pandas as pd

        names = ("pred", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub")
        columns = {n: getattr(self, n) for n in names if getattr(self, n) is not None}
        table = pd.DataFrame(columns, index=self.slab)
        if self.levels is not None:
            table["inner"] = list(self.levels)
        if self.X is not None:
            for name, column in zip(self.coef_names, self.X.T, strict=True):
                table[name] = column
        return table

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; missing and infinite ones are None."""
        from review.stats.pooling.result_tables import plain

        names = ("pred", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "level", "transf", "slab")
        return {name: plain(getattr(self, name)) for name in (*names, "levels", "missing")}


def predict_mv(
    result: MVResult,
    newmods: Any = None,
    transf: Transf = None,
    *,
    level: float | None = None,
    levels: Any = None,
    addx: bool = False,
) -> MVPrediction:
    """Predict averages, and the interval of the true effect of one row in new groups.

    The prediction interval is pred +- c sqrt(se^2 + h), where h adds the variances of all random
    terms: those of random intercepts, and of each "inner | outer" term the variance of the row's
    inner level. c is the quantile that the tests use.

    Args:
        result: the model.
        newmods: new moderator values (see `Design.rows`); None for one overall average, or for the
            rows of the data when the model has moderators.
        transf: brings estimates and limits to another scale: a name, a function, or "back".
        level: per cent; that of the model by default.
        levels: inner level of each prediction, where a structure has a variance for each level: a
            name, one per prediction, or one per term (a mapping from the term's name).
        addx: keep the design rows.

    Raises:
        InputError, UnknownNameError: newmods or levels do not fit the model.

    Example:
        >>> from review import meta_analysis_mv
        >>> data = {"y": [0.1, 0.3, 0.8, 0.6, 0.2, 0.4], "v": [0.02] * 6,
        ...         "study": ["a", "a", "b", "b", "c", "c"]}
        >>> p = predict_mv(meta_analysis_mv("y", "v", data=data, random="~ 1 | study"))
        >>> p.pi_lb is not None and bool(p.pi_lb[0] < p.ci_lb[0])
        True
    """
    shown = result.level if level is None else level_percent(level)
    X, slab, added, names, missing = heterogeneity_of(result, newmods, levels)
    if not result.components:
        missing = "equal effects"
    pred, var = result.inside.at(X)
    name, values = limits_of(result, (pred, var, added), _degrees_of(result, X), shown, transf)
    return MVPrediction(
        **values, se=np.sqrt(var) if name == "" else None, heterogeneity=added, level=shown,  # type: ignore[arg-type]
        transf=name, slab=slab, levels=names, X=X if addx else None, coef_names=result.coef_names,
        missing=missing,
    )  # fmt: skip


def heterogeneity_of(
    result: MVResult, newmods: Any, levels: Any
) -> tuple[FloatArray, tuple[str, ...] | None, FloatArray | None, tuple[str, ...] | None, str]:
    """Design rows of predictions, and the variance of true effects around each.

    Returns:
        Rows (m, p), labels, variances (m,) or None, inner levels, and why there is no variance.
    """
    own = newmods is None and not result.intercept_only
    if newmods is not None:
        X, slab = result.design.rows(newmods), None
    elif own:
        X, slab = result.X, result.slab
    else:
        X, slab = np.ones((1, 1)), None
    added, names, missing = _added(result, levels, len(X), own=own)
    if added is not None and len(added) > len(X):  # one average, several levels
        X = np.repeat(X, len(added), axis=0)
    return X, slab, added, names, missing


def limits_of(
    result: MVResult,
    numbers: tuple[FloatArray, FloatArray, FloatArray | None],
    df: FloatArray | None,
    level: float,
    transf: Transf,
) -> tuple[str, dict[str, FloatArray | None]]:
    """Limits of predictions, brought to another scale.

    Args:
        result: the model.
        numbers: predictions, their variances, and the variances of true effects or None.
        df: degrees of freedom, (m,), or None.
        level: per cent.
        transf: name of the scale, a function, "back" or None.

    Returns:
        Name of the scale, and the predictions with their limits.
    """
    pred, var, added = numbers
    c = critical_value(level, df)
    limits: dict[str, FloatArray | None] = {
        "pred": pred, "ci_lb": pred - c * np.sqrt(var), "ci_ub": pred + c * np.sqrt(var),
        "pi_lb": None, "pi_ub": None,
    }  # fmt: skip
    if added is not None and result.components:
        wide = c * np.sqrt(var + added)
        limits |= {"pi_lb": pred - wide, "pi_ub": pred + wide}
    return transformed(result, transf, limits, None)


def _degrees_of(result: MVResult, X: FloatArray) -> FloatArray | None:
    """Degrees of freedom of each prediction: the fewest of the coefficients that enter it."""
    if result.ddf is None:
        return None
    enters = np.where(X != 0, result.ddf, np.inf)
    fewest = enters.min(1)
    return np.asarray(np.where(np.isinf(fewest), result.ddf.min(), fewest))


def _added(
    result: MVResult, levels: Any, m: int, *, own: bool
) -> tuple[FloatArray | None, tuple[str, ...] | None, str]:
    """Variance of true effects around each prediction, the inner levels, and why there is none."""
    total: Any = float(result.sigma2.sum())
    several = [
        (t, T)
        for t, T in zip(result.problem.terms, result.problem.matrices(result.point.x), strict=True)
        if not t.simple
    ]
    names: tuple[str, ...] | None = None
    for term, T in several:
        if term.structure.variances == 1:
            total = total + T[0, 0]
            continue
        if own and levels is None:
            at = term.link.inner
        elif levels is None and m == 1:
            at = np.arange(term.structure.c)  # all levels below each other
        elif levels is None:
            missing = (
                f"the variance differs between the levels of {term.name.split(' | ')[0]}: name "
                "them with levels= for a prediction interval"
            )
            return None, None, missing
        else:
            at = _numbers(term, levels, m)
        total = total + np.diag(T)[at]
        names = tuple(term.levels[i] for i in at.tolist())
    size = max(m, np.size(total))
    return np.broadcast_to(np.asarray(total, dtype=float), (size,)).copy(), names, ""


def _numbers(term: Term, levels: Any, m: int) -> np.typing.NDArray[np.intp]:
    given = levels.get(term.name) if isinstance(levels, dict) else levels
    if given is None:
        raise InputError(f"levels has no entry for {term.name!r}")
    listed = [given] if isinstance(given, str) or not hasattr(given, "__len__") else list(given)
    words = [str(x) for x in listed]
    for word in words:
        if word not in term.levels:
            raise UnknownNameError("level", word, term.levels, where=f"of {term.name}")
    if len(words) == 1:
        words *= m
    if m not in {1, len(words)}:
        raise InputError(f"levels has {len(words)} values for {m} predictions")
    return np.array([term.levels.index(word) for word in words], dtype=np.intp)
