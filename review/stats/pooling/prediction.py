"""Predicted averages with confidence and prediction intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError
from review.stats.ground.conventions import LATEST, named
from review.stats.ground.guard import guarded
from review.stats.ground.inference import critical_value, level_percent
from review.stats.pooling.meta_rows import choose
from review.stats.pooling.small_sample import no_prediction

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from review.stats.bayes.bayes_result import BayesResult
    from review.stats.ground.least_squares import FloatArray
    from review.stats.multilevel.mv_result import MVResult
    from review.stats.pooling.meta_result import MetaResult
    from review.stats.rare_events.counts_result import CountsResult

PI_TYPES: Final = ("default", "Riley", "t", "simple")


@dataclass(frozen=True, eq=False)
class PredictResult:
    """Predictions, arrays of shape (m,).

    Attributes:
        pred: predicted averages. se: their standard errors; None after a transformation.
        ci_lb, ci_ub: confidence limits of the averages.
        pi_lb, pi_ub: prediction limits of a true effect; None for equal-effects models, and for
            fewer than 3 studies (or 2 more than coefficients) whose tau2 is not given.
        missing: why there are no prediction limits, or "".
        level: per cent. pi_type: how the prediction limits were made.
        transf: name of the transformation, or "".
        slab: labels of the rows (of the studies when no new values were given), or None.
        X: design rows, (m, p), when asked for with addx.
        coef_names: names of the columns of X.
    """

    pred: FloatArray
    se: FloatArray | None
    ci_lb: FloatArray
    ci_ub: FloatArray
    pi_lb: FloatArray | None
    pi_ub: FloatArray | None
    level: float
    pi_type: str
    transf: str = ""
    slab: tuple[str, ...] | None = None
    X: FloatArray | None = None
    coef_names: tuple[str, ...] = ()
    missing: str = ""

    def __len__(self) -> int:
        return len(self.pred)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per prediction."""
        import pandas as pd

        columns = {
            name: getattr(self, name)
            for name in ("pred", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub")
            if getattr(self, name) is not None
        }
        table = pd.DataFrame(columns, index=self.slab)
        if self.X is not None:
            for name, column in zip(self.coef_names, self.X.T, strict=True):
                table[name] = column
        return table

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; missing and infinite ones are None."""
        from review.stats.pooling.result_tables import plain

        names = ("pred", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "level", "pi_type", "transf")
        out = {name: plain(getattr(self, name)) for name in (*names, "slab", "missing")}
        return out | {"conventions": named(LATEST)}


@guarded
def predict(
    fit: MetaResult | CountsResult,
    newmods: Any = None,
    transf: str | Callable[[FloatArray], Any] | None = None,
    *,
    level: float | None = None,
    pi_type: str = "default",
    intercept: bool | None = None,
    addx: bool = False,
    ni: Any = None,
) -> PredictResult:
    """Predict the average true effect, and the interval of a single true effect.

    The prediction interval is pred +- c sqrt(se^2 + tau2) (Higgins, Thompson & Spiegelhalter 2009,
    J R Stat Soc A 172:137, eq. 12) with c from

    - "default": the distribution of the test used: normal for "z", t with k - p df otherwise;
    - "t": t with k - p df;
    - "Riley": t with k - p - 1 df, the k - 2 of Higgins et al. and of Riley et al. (2011, BMJ
      342:d549) without moderators;
    - "simple": normal, pred +- c tau, as if the average were known.

    Args:
        fit: the result.
        newmods: new moderator values (see `Design.rows`); None for one overall average, or for
            the studies when the model has moderators.
        transf: brings estimates and limits to another scale: a name (see `back_transform`), a
            function, or "back" for that of the measure. The standard error is dropped then.
        level: per cent; that of the fit by default.
        pi_type: see above.
        intercept: whether the intercept enters the prediction; default yes.
        addx: keep the design rows.
        ni: sizes for back-transformations that need them; those of the fit by default.

    Raises:
        InputError: newmods do not fit the model; a type of prediction interval was asked for and
            there are fewer than p + 2 studies.
        UnknownNameError: unknown pi_type, transformation or column.

    Example:
        >>> from review import meta_analysis
        >>> fit = meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05], test="z")
        >>> predict(fit, transf="exp").se is None
        True
    """
    pi_type = choose("prediction interval", pi_type, PI_TYPES)
    shown = fit.level if level is None else level_percent(level)
    X, slab = _rows(fit, newmods)
    if intercept is False and fit.intercept:
        X = X.copy()
        X[:, 0] = 0.0
    pred, var = fit.inside.at(X)
    se = np.sqrt(var)
    half = critical_value(shown, fit.ddf) * se
    limits: dict[str, FloatArray | None] = {
        "pred": pred, "ci_lb": pred - half, "ci_ub": pred + half, "pi_lb": None, "pi_ub": None,
    }  # fmt: skip
    missing = no_prediction(equal_effects=fit.equal_effects, df=fit.df, tau2_fixed=fit.tau2_fixed)
    asked = pi_type != "default" and not fit.equal_effects
    if asked and missing:
        raise InputError(
            f"a prediction interval of type {pi_type!r} needs at least {fit.p + 2} studies; there "
            f"are {fit.k}"
        )
    if not missing:
        wide = _pi_half_width(fit, pi_type, shown, var)
        limits |= {"pi_lb": pred - wide, "pi_ub": pred + wide}
    name, limits = transformed(fit, transf, limits, ni)
    return PredictResult(
        **limits, se=se if name == "" else None, level=shown, pi_type=pi_type, transf=name,  # type: ignore[arg-type]
        slab=slab, X=X if addx else None, coef_names=fit.coef_names, missing=missing,
    )  # fmt: skip


def _rows(
    fit: MetaResult | CountsResult, newmods: Any
) -> tuple[FloatArray, tuple[str, ...] | None]:
    if newmods is not None:
        return fit.design.rows(newmods), None
    if fit.intercept_only:
        return np.ones((1, 1)), None
    return fit.X, fit.slab


def _pi_half_width(
    fit: MetaResult | CountsResult, pi_type: str, level: float, var: FloatArray
) -> FloatArray:
    if pi_type == "simple":
        return np.full(len(var), float(critical_value(level, None)) * fit.tau)
    ddf: int | None = fit.ddf
    if pi_type in ("t", "Riley"):
        ddf = fit.df - (1 if pi_type == "Riley" else 0)
        if ddf < 1:  # possible with a given tau2 alone
            raise InputError(
                f"a prediction interval of type {pi_type!r} needs at least "
                f"{fit.p + fit.df - ddf + 1} studies; there are {fit.k}"
            )
    return critical_value(level, ddf) * np.sqrt(var + fit.tau2)


def transformed(
    fit: MetaResult | MVResult | BayesResult | CountsResult,
    transf: str | Callable[[FloatArray], Any] | None,
    values: dict[str, FloatArray | None],
    ni: Any,
) -> tuple[str, dict[str, FloatArray | None]]:
    """Apply a transformation; a falling one swaps the limits."""
    from review.stats.effects.transforms import back_transform, check_transf

    check_transf(transf)
    if transf == "back":
        transf = fit.transf
    if transf is None or transf == "identity":
        return "", values
    sizes = fit.ni if ni is None else ni
    out = {
        name: None
        if x is None
        else np.atleast_1d(back_transform(x, transf=transf, ni=sizes, ti=sizes))
        for name, x in values.items()
    }
    for low, high in (("ci_lb", "ci_ub"), ("pi_lb", "pi_ub")):
        a, b = out[low], out[high]
        if a is not None and b is not None:
            out[low], out[high] = np.fmin(a, b), np.fmax(a, b)
    name = transf if isinstance(transf, str) else getattr(transf, "__name__", "function")
    return name, out
