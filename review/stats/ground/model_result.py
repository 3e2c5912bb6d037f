"""What the results of fitted models have in common: studies, prediction limits, refits, figures."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from review.errors import UnknownNameError
from review.stats.ground.conventions import LATEST, named
from review.stats.ground.inference import FitCriteria, FitStats
from review.stats.ground.result_kit import refitted
from review.words import plural

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from review.stats.ground.least_squares import FloatArray


@dataclass(frozen=True)
class Plots:
    """Lazy access to the figures of a result: `result.plot.forest(...)`."""

    result: Any
    module: str

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        figures = self._figures()
        known = [n for n in getattr(figures, "__all__", dir(figures)) if not n.startswith("_")]
        if name not in known:
            raise UnknownNameError("figure", name, known)
        build = getattr(figures, name)
        return lambda *args, **options: build(self.result, *args, **options)

    def __dir__(self) -> list[str]:
        figures = self._figures()
        return list(getattr(figures, "__all__", ()))

    def _figures(self) -> Any:
        return importlib.import_module(self.module)


class ModelResult:
    """Base of the frozen dataclasses that public functions return for a fitted model.

    A subclass names the function that made it (`front_door`) and the module of its figures.
    """

    front_door: ClassVar[str]
    figures: ClassVar[str]

    if TYPE_CHECKING:
        # a property here would be taken for the default value of the field in a subclass

        @property
        def call(self) -> dict[str, Any]:
            """The arguments of the call."""

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of the call as the public function takes them."""
        return self.call

    def update(self, **changes: Any) -> Self:
        """Fit again with some arguments changed, and return the new result.

        Raises:
            UnknownNameError: an argument that there is not.

        Example:
            >>> from review import meta_analysis
            >>> meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05]).update(method="DL").method
            'DL'
        """
        again: Self = refitted(self.front_door, self.arguments(), changes)
        return again

    @property
    def plot(self) -> Plots:
        """Figures of this result; `dir(result.plot)` lists them."""
        return Plots(self, self.figures)

    def __dir__(self) -> list[str]:
        # the fields without a default are not attributes of the class
        return sorted({*super().__dir__(), *(f.name for f in fields(self))})  # type: ignore[arg-type]


class PooledStudies:
    """What a result of k studies says of them."""

    if TYPE_CHECKING:

        @property
        def k(self) -> int:
            """Number of studies."""

        @property
        def vi(self) -> FloatArray:
            """Sampling variances, (k,)."""

        @property
        def ids(self) -> npt.NDArray[np.intp]:
            """Positions of the studies in the input, from 0, (k,)."""

        @property
        def labels(self) -> tuple[str, ...] | None:
            """Labels as given."""

    @property
    def sei(self) -> FloatArray:
        """Standard errors of the effects, (k,)."""
        return np.sqrt(self.vi)

    @property
    def slab(self) -> tuple[str, ...]:
        """Study labels; row numbers (from 1) when none were given."""
        return self.labels or tuple(str(i + 1) for i in self.ids.tolist())

    @property
    def sample(self) -> str:
        """What was pooled, in words: "13 studies"."""
        return plural(self.k, "study")

    @property
    def counted(self) -> str:
        """How many studies there are, as it stands beside a total."""
        return f"k = {self.k}"


class CoefficientsResult(PooledStudies, ModelResult, FitCriteria):
    """A linear model of the effects of k studies, with p coefficients."""

    if TYPE_CHECKING:

        @property
        def p(self) -> int:
            """Number of coefficients."""

        @property
        def intercept(self) -> bool:
            """Whether the first coefficient is an intercept."""

        @property
        def method(self) -> str:
            """Code of the estimator."""

        @property
        def fit_ml(self) -> FitStats:
            """Log-likelihood and criteria."""

        @property
        def fit_reml(self) -> FitStats:
            """Those of the restricted likelihood."""

    predict: Callable[..., Any]

    @property
    def conventions(self) -> str | None:
        """The version of the reference implementation that the numbers agree with, if any."""
        return named(LATEST)

    @property
    def df(self) -> int:
        """Residual degrees of freedom k - p."""
        return self.k - self.p

    @property
    def intercept_only(self) -> bool:
        """Whether there are no moderators."""
        return self.intercept and self.p == 1

    @property
    def fit(self) -> FitStats:
        """Log-likelihood and criteria of the method: REML for REML, else ML."""
        return self.fit_reml if self.method == "REML" else self.fit_ml

    @property
    def pi_lb(self) -> float | None:
        """Lower prediction limit; None with moderators and where there is none (see `predict`)."""
        return self._prediction_limit("pi_lb")

    @property
    def pi_ub(self) -> float | None:
        """Upper prediction limit; None with moderators and where there is none (see `predict`)."""
        return self._prediction_limit("pi_ub")

    def _prediction_limit(self, name: str) -> float | None:
        limits = getattr(self.predict(), name) if self.intercept_only else None
        return float(limits[0]) if limits is not None and len(limits) == 1 else None


class SingleTau2Result(CoefficientsResult):
    """A linear model with one variance between studies, its tests with one number of df."""

    if TYPE_CHECKING:

        @property
        def tau2(self) -> float:
            """Between-study variance."""

        @property
        def m(self) -> int:
            """Number of coefficients in the omnibus test."""

        @property
        def ddf(self) -> int | None:
            """Degrees of freedom of the t tests, None for z tests."""

    @property
    def tau(self) -> float:
        """Between-study standard deviation."""
        return float(np.sqrt(self.tau2))

    @property
    def QM_df(self) -> tuple[int, int | None]:  # noqa: N802  name of the field
        """Degrees of freedom of the omnibus test; the second is None for chi-squared."""
        return self.m, self.ddf
