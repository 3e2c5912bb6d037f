"""Test of excess significance: are there more significant findings than the power allows?

Ioannidis & Trikalinos 2007 (Clin Trials 4:245): O significant findings are compared with E, the sum
of the powers of the k tests at a true effect theta (averaged over N(theta, tau2) when there is
heterogeneity). Francis 2013 (J Math Psychol 57:153): the exact distribution of O is that of a sum
of Bernoulli variables with different probabilities, computed here by convolution in O(k^2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.stats.bias.bias_input import read_studies
from review.stats.bias.findings import excess_p, few_terms, limit_estimate, power, significant
from review.stats.bias.record import SmallStudyResult
from review.stats.ground.alternatives import choose_alternative
from review.stats.ground.arguments import real
from review.stats.ground.guard import guarded
from review.stats.pooling.meta_result import MetaResult
from review.stats.pooling.meta_rows import choose
from review.words import number, p_value

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from review.stats.ground.least_squares import FloatArray

TESTS: Final = ("auto", "exact", "chi2", "binom")


@dataclass(frozen=True, eq=False)
class ExcessSignificance(SmallStudyResult):
    """A test of excess significance.

    Attributes:
        O: observed number of significant findings.
        E: expected number.
        OEratio: O / E; None when E is 0.
        test: "exact", "chi2" or "binom".
        X2: chi-squared statistic on 1 df; None for the other tests.
        pval: p-value.
        power: of each test, (k,).
        sig: which findings are significant, (k,).
        theta: true effect(s) that the power is computed at: a number, or (k,) with moderators.
        tau2: heterogeneity that the power is averaged over.
        theta_lim: effect(s) at which the p-value is `tes_alpha`; None where there is none.
        alternative, tes_alternative: sides of the single tests and of this test.
        alpha, tes_alpha: levels of the single tests and of this test.
        k: number of studies.
        notes: remarks.
    """

    O: int
    E: float
    OEratio: float | None
    test: str
    X2: float | None
    pval: float
    power: FloatArray
    sig: npt.NDArray[np.bool_]
    theta: float | FloatArray
    tau2: float
    theta_lim: float | tuple[float | None, float | None] | None
    alternative: str
    tes_alternative: str
    alpha: float
    tes_alpha: float
    k: int
    slab: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return one row per study: power and whether it is significant."""
        import pandas as pd

        return pd.DataFrame({"slab": list(self.slab), "power": self.power, "sig": self.sig})

    def words(self) -> str:
        """Return the test in words, with the method and its source."""
        shown = (
            f"theta = {number(self.theta)}" if isinstance(self.theta, float) else "fitted values"
        )
        ratio = "" if self.OEratio is None else f"; ratio {number(self.OEratio)}"
        limit = "not estimable" if self.theta_lim is None else str(self.theta_lim)
        names = {"exact": "exact, Francis 2013", "chi2": "chi-squared", "binom": "binomial"}
        return self.with_notes(
            "Test of excess significance (Ioannidis & Trikalinos 2007)",
            (
                f"Observed significant findings: {self.O} of {self.k}; expected "
                f"{number(self.E)} ({shown}, tau2 = {number(self.tau2)}){ratio}"
            ),
            f"{p_value(self.pval)} ({names[self.test]}, {self.tes_alternative})",
            f"Limit estimate: {limit}",
        )


@guarded
def excess_significance(
    source: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    data: Any = None,
    H0: float = 0.0,
    alternative: str = "two-sided",
    alpha: float = 0.05,
    theta: float | None = None,
    tau2: float | None = None,
    test: str = "auto",
    tes_alternative: str = "greater",
    tes_alpha: float = 0.10,
) -> ExcessSignificance:
    """Test whether there are more significant findings than expected.

    Args:
        source: a `MetaResult`, the result of `effect_size`, or effects (k,).
        vi: sampling variances, (k,), when `source` holds effects alone.
        sei: standard errors, instead of `vi`.
        data: where column names are looked up.
        H0: effect under the null hypothesis of the single z tests.
        alternative: side of the single tests.
        alpha: their level.
        theta: true effect for the power; by default the estimate (with moderators the fitted
            values) of a `MetaResult`, and the mean of plain effects with weights 1/(v + tau2).
        tau2: heterogeneity to average the power over; by default that of a `MetaResult`, else 0.
        test: "exact", "chi2", "binom", or "auto": exact while at most 10^6 sets of findings are as
            extreme as the one observed, else chi2 (the exact test costs little for any k; "auto"
            follows the usual convention).
        tes_alternative: "greater" (excess), "less" or "two-sided".
        tes_alpha: level for the limit estimate, the effect at which the p-value equals it.

    Raises:
        UnknownNameError: unknown alternative or test.
        InputError: a level outside (0, 1), or a negative tau2.

    Example:
        >>> found = excess_significance([0.1, 0.5, 0.6, 0.7], [0.04, 0.04, 0.05, 0.06])
        >>> found.O, round(found.E, 4), found.test
        (3, 2.1726, 'exact')
    """
    alternative = choose_alternative(alternative)
    tes_alternative = choose_alternative(tes_alternative, "tes_alternative")
    test = choose("test", test, TESTS)
    alpha = real("alpha", alpha, least=0, most=1, open_ends=True, example="0.05")
    tes_alpha = real("tes_alpha", tes_alpha, least=0, most=1, open_ends=True, example="0.1")
    H0 = real("H0", H0)
    rows = read_studies(source, vi, sei=sei, data=data)
    theta_used, tau2_used = _truth(source, rows.yi, rows.vi, theta, tau2)
    se = np.sqrt(rows.vi)
    sig = significant((rows.yi - H0) / se, alternative, alpha)
    observed, k = int(sig.sum()), len(rows.yi)
    if test == "auto":
        test = "exact" if few_terms(observed, k, tes_alternative) else "chi2"

    def power_at(value: float | FloatArray) -> FloatArray:
        return power(value, se, H0=H0, tau2=tau2_used, alternative=alternative, alpha=alpha)

    powers = power_at(theta_used)
    pval, X2 = excess_p(observed, powers, test, tes_alternative)
    limit = None
    if isinstance(theta_used, float):
        limit = limit_estimate(
            lambda t: excess_p(observed, power_at(t), test, tes_alternative)[0],
            lambda t: float(power_at(t).sum()) - observed,
            H0=H0, direction=-1.0 if theta_used < H0 else 1.0,
            unit=math.sqrt(float(se.max()) ** 2 + tau2_used), side=tes_alternative,
            level=tes_alpha,
        )  # fmt: skip
    expected = float(powers.sum())
    return ExcessSignificance(
        O=observed, E=expected, test=test, X2=X2, pval=pval,
        OEratio=observed / expected if expected > 0 else None,
        power=powers, sig=sig, theta=theta_used, tau2=tau2_used, theta_lim=limit,
        alternative=alternative, tes_alternative=tes_alternative, alpha=alpha,
        tes_alpha=tes_alpha, k=k, slab=rows.slab or tuple(str(i + 1) for i in rows.ids.tolist()),
    )  # fmt: skip


def _truth(
    source: Any, y: FloatArray, v: FloatArray, theta: float | None, tau2: float | None
) -> tuple[float | FloatArray, float]:
    """The true effect and heterogeneity that the power is computed with."""
    fitted = source if isinstance(source, MetaResult) else None
    if tau2 is None:
        tau2 = fitted.tau2 if fitted is not None else 0.0
    tau2 = real("tau2", tau2, least=0)
    if theta is not None:
        return real("theta", theta), tau2
    if fitted is None:
        w = 1.0 / (v + tau2)
        return float(np.sum(w * y) / np.sum(w)), float(tau2)
    if fitted.intercept_only:
        return float(fitted.beta[0]), float(tau2)
    return fitted.inside.fitted, float(tau2)
