"""The correlated and hierarchical effects model: what is done when a study has several rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.effects.argument_columns import column_names
from review.stats.effects.effect_sizes import EffectSizes
from review.stats.ground.model_result import Plots
from review.stats.ground.result_kit import Record
from review.stats.multilevel.meta_mv import meta_analysis_mv
from review.stats.multilevel.robust_predict import predict_robust
from review.stats.multilevel.row_values import clusters_of
from review.stats.multilevel.vcalc import vcalc
from review.stats.pooling.meta_rows import check_not_negative
from review.stats.pooling.result_tables import COEFFICIENT_COLUMNS, plain
from review.stats.pooling.robust import cluster_robust

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from review.stats.ground.least_squares import FloatArray
    from review.stats.ground.partition import IntArray
    from review.stats.multilevel.mv_predict import MVPrediction
    from review.stats.multilevel.mv_result import MVResult
    from review.stats.pooling.robust import RobustResult

    Transf = str | Callable[[FloatArray], Any] | None

RHO: Final = 0.6  # assumed where the caller says nothing
RHOS: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 0.95)
EFFECT: Final = "effect"  # name of the lower level


@dataclass(frozen=True, eq=False)
class CHEResult:
    """Correlated and hierarchical effects with cluster-robust inference.

    It has the fields of a meta-analysis (beta, se, stat, pval, ci_lb, ci_ub, vb, k, tau2, I2, QE,
    ...), with robust standard errors, tests and intervals.

    Attributes:
        model: the working model: a variance between studies, one between effects of a study, and
            sampling errors of a study that are correlated by rho.
        robust: tests and intervals of its coefficients.
        rho: assumed correlation of the sampling errors of two effects of a study.
        cluster: what the studies are called. clusters: their names, in order of appearance.
        number: number of each effect's study, (k,).
        notes: remarks on the choices made.
    """

    model: MVResult
    robust: RobustResult
    rho: float
    cluster: str
    clusters: tuple[str, ...]
    number: IntArray = field(repr=False)
    notes: tuple[str, ...] = ()
    method: str = "CHE"

    def __getattr__(self, name: str) -> Any:
        if name in _OF_ROBUST:
            return getattr(self.robust, name)
        if name in _OF_MODEL:
            return getattr(self.model, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_OF_ROBUST, *_OF_MODEL})

    def __repr__(self) -> str:
        return (
            f"CHEResult({self.counted}, rho={self.rho:g}, "
            f"beta={np.array2string(self.model.beta, precision=4)})"
        )

    @property
    def m(self) -> int:
        """Number of studies."""
        return len(self.clusters)

    @property
    def counted(self) -> str:
        """How many effects of how many studies."""
        return f"{self.model.k:,} effects of {self.m:,} studies"

    @property
    def sample(self) -> str:
        """What was pooled, in words."""
        return self.counted

    @property
    def sizes(self) -> IntArray:
        """Number of effects of each study, (m,)."""
        return np.bincount(self.number)

    @property
    def tau2(self) -> float:
        """Variance of true effects: between studies and within them together."""
        return float(self.model.sigma2.sum())

    @property
    def I2(self) -> float:  # noqa: N802  name of the field
        """Per cent of the variability that is not sampling error."""
        return self.model.I2.total

    @property
    def plot(self) -> Plots:
        """Figures of this result, such as `result.plot.forest()`."""
        return Plots(self, "review.plots.meta.mv_plots")

    def predict(
        self,
        newmods: Any = None,
        transf: Transf = None,
        *,
        level: float | None = None,
    ) -> MVPrediction:
        """Predicted averages with robust confidence and prediction intervals."""
        return predict_robust(self.robust, newmods, transf, level=level)

    def sensitivity(self, rhos: Any = RHOS) -> RhoSensitivity:
        """Fit again with other assumed correlations; see `rho_sensitivity`."""
        return rho_sensitivity(self, rhos)

    def summary(self, transf: Transf = None) -> str:
        """Return the printable account of the result."""
        from review.stats.multilevel.che_text import summary

        return summary(self, transf)

    def report_text(self, transf: Transf = None) -> str:
        """Return a methods-and-results paragraph with numbers and references."""
        from review.stats.multilevel.che_text import report_text

        return report_text(self, transf)

    def to_frame(self, what: str = "coefficients") -> pd.DataFrame:
        """Return a table: "coefficients" (robust), "components" or "effects"."""
        return self.robust.to_frame() if what == "coefficients" else self.model.to_frame(what)

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers as plain values for JSON; missing and infinite ones are None."""
        columns = (*COEFFICIENT_COLUMNS, "df")
        return {
            "coefficients": [
                {"name": name} | {c: plain(getattr(self.robust, c)[j]) for c in columns}
                for j, name in enumerate(self.model.coef_names)
            ],
            "k": self.model.k, "m": self.m, "cluster": self.cluster, "rho": self.rho,
            "tau2": self.tau2, "I2": plain(self.I2), "QE": self.model.QE, "QEp": self.model.QEp,
            "df": self.model.df, "QM": plain(self.robust.QM), "QMp": plain(self.robust.QMp),
            "QM_df": plain(self.robust.QM_df), "robust": self.robust.to_dict(),
            "model": self.model.to_dict(), "notes": list(self.notes),
        }  # fmt: skip


_OF_ROBUST: Final = frozenset(
    {"beta", "se", "stat", "pval", "ci_lb", "ci_ub", "vb", "QM", "QM_df", "QMp", "level"}
)
_OF_MODEL: Final = frozenset(
    {"k", "p", "yi", "vi", "sei", "V", "X", "ids", "slab", "labels", "ni", "measure", "transf",
     "weights", "coef_names", "intercept", "intercept_only", "equal_effects", "design", "df", "QE",
     "QEp", "left_out", "loglik", "AIC", "AICc", "BIC", "sigma2", "call", "components", "optimum"}
)  # fmt: skip


def che_model(  # noqa: PLR0917  the order in which the field gives these arguments
    yi: Any,
    vi: Any = None,
    mods: Any = None,
    data: Any = None,
    cluster: Any = None,
    rho: float = RHO,
    *,
    sei: Any = None,
    slab: Any = None,
    measure: str | None = None,
    ni: Any = None,
    intercept: bool = True,
    level: float = 95,
    kind: str = "CR2",
) -> CHEResult:
    """Pool effects of which some come from the same study.

    The working model has a variance between studies and one between the effects of a study, and
    sampling errors of a study that are correlated by rho (Pustejovsky & Tipton 2022, Prev Sci
    23:425, section 3.3). Tests and intervals are cluster-robust, so that they hold also where the
    working model, rho in particular, is wrong.

    Args:
        yi: effects: numbers (k,), a column name of `data`, or the result of `effect_size`.
        vi: sampling variances, the same way.
        mods: moderators, as for `meta_analysis`.
        data: data frame or mapping in which names are looked up.
        cluster: study of each effect: a column name, or one value per row.
        rho: correlation of the sampling errors of two effects of a study, an assumption.
        sei: standard errors instead of `vi`.
        slab: labels of the effects.
        measure: code of the effect measure.
        ni: sizes.
        intercept: whether the model has one.
        level: of all intervals, per cent.
        kind: type of the robust covariance, see `cluster_robust`.

    Raises:
        InputError: an argument is wrong, or `cluster` has gaps (the rows are named).
        StatsError: no study has several effects, or there is one study only.

    Example:
        >>> fit = che_model([0.1, 0.3, 0.8, 0.6, 0.2], [0.02, 0.03, 0.04, 0.03, 0.02],
        ...                 cluster=["a", "a", "b", "b", "c"])
        >>> fit.counted, round(float(fit.beta[0]), 3)
        ('5 effects of 3 studies', 0.341)
    """
    if cluster is None:
        raise InputError("cluster is missing: which effects belong to the same study")
    name = cluster if isinstance(cluster, str) else str(getattr(cluster, "name", None) or "study")
    effects, variances, k = _effects(yi, vi, sei, data)
    values = _values(cluster, data, k)
    if not values:
        raise StatsError("there are no effects to pool")
    table = _table(data, name, values, k)
    V = vcalc(variances, values, rho=rho, check=False)
    if len(set(values)) == len(values):
        raise StatsError(
            f"every study ({name}) has one effect, so there is nothing to be robust to; use "
            "meta_analysis()"
        )
    model = meta_analysis_mv(
        effects, V, mods, data=table, random=f"~ 1 | `{name}`/{EFFECT}", intercept=intercept,
        slab=slab, measure=measure, ni=ni, level=level,
    )  # fmt: skip
    used = [values[i] for i in model.ids.tolist()]
    names, number = clusters_of(model, used)
    robust = cluster_robust(model, used, kind)
    own = [n for n in (*model.notes, *robust.notes) if "z tests" not in n]
    return CHEResult(model, robust, float(rho), name, names, number, tuple(dict.fromkeys(own)))


def _effects(yi: Any, vi: Any, sei: Any, data: Any) -> tuple[Any, FloatArray, int]:
    from review.stats.effects.argument_columns import look_up, to_floats

    if isinstance(yi, EffectSizes):
        return yi, yi.vi, len(yi.yi)
    if (vi is None) == (sei is None):
        raise InputError("pass either variances (vi) or standard errors (sei)")
    y = np.atleast_1d(to_floats("yi", look_up("yi", yi, data)))
    if vi is not None:
        v = np.atleast_1d(to_floats("vi", look_up("vi", vi, data)))
    else:
        v = np.atleast_1d(to_floats("sei", look_up("sei", sei, data)))
        check_not_negative(v, "standard errors")
        v = v**2
    if len(v) != len(y):
        raise InputError(f"there are {len(v)} variances, but {len(y)} effects")
    return y, v, len(y)


def _values(cluster: Any, data: Any, k: int) -> list[Any]:
    from review.stats.effects.argument_columns import look_up
    from review.stats.ground.arguments import values_of
    from review.stats.ground.column_kinds import is_missing

    found = look_up("cluster", cluster, data)
    values = values_of("cluster", found)
    if len(values) != k:
        raise InputError(f"cluster has {len(values)} values, but there are {k} rows")
    gaps = [str(i + 1) for i, v in enumerate(values) if is_missing(v)]
    if gaps:
        more = f" and {len(gaps) - 5} more" if len(gaps) > 5 else ""
        raise InputError(f"cluster has no value in row {', '.join(gaps[:5])}{more}")
    return values


def _table(data: Any, name: str, values: list[Any], k: int) -> dict[str, Any]:
    """The columns of the data, the study of each effect and its number."""
    columns = {n: data[n] for n in column_names(data)} if data is not None else {}
    return {**columns, name: values, EFFECT: list(range(1, k + 1))}


@dataclass(frozen=True, eq=False)
class RhoSensitivity(Record):
    """The model with other assumed correlations, one row each, for one coefficient.

    Attributes:
        rho: assumed correlation. beta, se, df, pval, ci_lb, ci_ub: of the coefficient.
        tau2, omega2: variance between studies, and between effects of a study.
        coefficient: its name. chosen: the correlation of the model.
    """

    rho: FloatArray
    beta: FloatArray
    se: FloatArray
    df: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    tau2: FloatArray
    omega2: FloatArray
    coefficient: str
    chosen: float

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"{self.coefficient} by the assumed correlation rho (chosen: {self.chosen:g})"

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "rho", tuple(f"{r:g}" for r in self.rho.tolist())

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        names = ("beta", "se", "df", "pval", "ci_lb", "ci_ub", "tau2", "omega2")
        return {name: getattr(self, name) for name in names}


def rho_sensitivity(
    result: CHEResult, rhos: Any = RHOS, *, coefficient: str | None = None
) -> RhoSensitivity:
    """Fit a correlated and hierarchical effects model with other assumed correlations.

    Args:
        result: the model.
        rhos: the correlations.
        coefficient: which one; the first by default.

    Raises:
        InputError: a correlation is out of range, or there is none; another kind of model.
    """
    if not isinstance(result, CHEResult):
        raise InputError("rho_sensitivity is about correlated effects: pass what che_model returns")
    chosen = np.atleast_1d(np.asarray(rhos, dtype=float)).tolist()
    if not chosen:
        raise InputError("rhos is empty: name correlations such as (0, 0.4, 0.8)")
    names = result.model.coef_names
    if coefficient is not None and coefficient not in names:
        raise InputError(f"coefficient must be one of {', '.join(names)}, not {coefficient!r}")
    j = 0 if coefficient is None else names.index(coefficient)
    call = result.model.call
    variances, studies = call["V"].diagonal(), call["data"][result.cluster]
    rows = []
    for rho in chosen:
        fit = result.model.update(V=vcalc(variances, studies, rho=rho, check=False))
        found = cluster_robust(fit, result.cluster, result.robust.type)
        rows.append((
            rho, found.beta[j], found.se[j], found.df[j], found.pval[j], found.ci_lb[j],
            found.ci_ub[j], fit.sigma2[0], fit.sigma2[1],
        ))  # fmt: skip
    table = np.array(rows, dtype=np.float64)
    fields_ = ("rho", "beta", "se", "df", "pval", "ci_lb", "ci_ub", "tau2", "omega2")
    columns = {name: table[:, i] for i, name in enumerate(fields_)}
    return RhoSensitivity(**columns, coefficient=names[j], chosen=result.rho)
