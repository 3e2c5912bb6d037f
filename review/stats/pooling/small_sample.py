"""What weakens a result that rests on few or on strangely alike studies, in words.

The remarks belong to the result itself, so that its summary, its JSON, the forest plot and the
report say the same.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from review.stats.ground.inference import check_level
from review.stats.ground.plain_tails import t_critical
from review.words import listed, plural, significant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from review.stats.pooling.meta_result import MetaResult

# a prediction interval of 2 studies has at most one degree of freedom, and its limits any width;
# below 5 it covers the effect of a new study far less often than it says (Partlett & Riley 2017,
# Stat Med 36:301; Nagashima et al. 2019, Stat Methods Med Res 28:1689)
FEWEST_FOR_PREDICTION: Final = 3
FEW_FOR_PREDICTION: Final = 5
FEW_FOR_BIAS: Final = 10  # Sterne et al. 2011, BMJ 343:d4002
FEW_FOR_RANKS: Final = 25  # Begg & Mazumdar 1994, Biometrics 50:1088, section 4
_NONE_BELOW: Final = FEWEST_FOR_PREDICTION - 1  # degrees of freedom, which moderators use up too
_FEW_BELOW: Final = FEW_FOR_PREDICTION - 1
# with equal variances, or the tau2 of Paule & Mandel, the factor is 1 but for rounding
_ROUNDING: Final = 1e-9


def no_prediction(*, equal_effects: bool, df: int, tau2_fixed: bool) -> str:
    """Return why a model has no prediction interval; "" when it has one.

    Args:
        equal_effects: the model has no between-study variance.
        df: studies minus coefficients.
        tau2_fixed: that variance was given, not estimated from the studies.

    Example:
        >>> no_prediction(equal_effects=False, df=1, tau2_fixed=False)
        'too few studies'
    """
    if equal_effects:
        return "equal effects"
    return "too few studies" if df < _NONE_BELOW and not tau2_fixed else ""


def fit_notes(
    *,
    test: str,
    s2w: float,
    ddf: float | None,
    level: float,
    tau2: float,
    df: int,
    equal_effects: bool,
    intercept_only: bool,
    tau2_fixed: bool,
) -> list[str]:
    """Return the remarks on a model: its Knapp-Hartung factor, its tau2 and its prediction.

    Args:
        test: of the coefficients.
        s2w: the Knapp-Hartung factor, 1 for other tests.
        ddf: degrees of freedom of the tests, None for z.
        level: of the intervals, per cent.
        tau2: between-study variance.
        df: studies minus coefficients.
        equal_effects: the model has no between-study variance.
        intercept_only: the model has no moderators.
        tau2_fixed: tau2 was given.
    """
    notes = knapp_hartung(test=test, s2w=s2w, ddf=ddf, level=level)
    if equal_effects or df < 1:
        return notes
    missing = no_prediction(equal_effects=equal_effects, df=df, tau2_fixed=tau2_fixed)
    if missing and intercept_only:
        notes.append(
            f"no prediction interval: {plural(df + 1, 'study')} cannot say how effects differ "
            f"({FEWEST_FOR_PREDICTION} are needed)"
        )
    elif intercept_only and tau2 == 0:
        notes.append(
            "with tau2 = 0 the prediction interval equals the confidence interval: it does not "
            "show how effects may differ between studies"
        )
    if intercept_only and not missing and df < _FEW_BELOW and not tau2_fixed:
        notes.append(
            f"the prediction interval rests on {plural(df + 1, 'study')}: their tau2 is so "
            "uncertain that it may be far too narrow or too wide"
        )
    return notes


def knapp_hartung(*, test: str, s2w: float, ddf: float | None, level: float) -> list[str]:
    """Say when the Knapp-Hartung factor is below 1 and so narrows the intervals.

    Jackson, Law, Rücker & Schwarzer (2017, Stat Med 36:3923) advise against relying on that.
    """
    if test != "knha" or s2w >= 1 - _ROUNDING:
        return []
    alpha = 1 - check_level(level)
    t, z = (t_critical(alpha, math.inf if df is None else df) for df in (ddf, None))
    narrow = ", and the interval is narrower than that of a z test" if t * s2w**0.5 < z else ""
    note = (
        f"the Knapp-Hartung factor is {significant(s2w, 3)}, below 1: the effects agree more than "
        f"expected{narrow}; the test 'adhoc' keeps the factor at 1"
    )
    return [note]


def of_groups(results: Mapping[str, MetaResult]) -> list[str]:
    """Return the remarks on the models of subgroups, each with the subgroups it is about.

    Example:
        >>> from review import meta_analysis
        >>> of_groups({"a": meta_analysis([0.1, 0.9], [0.1, 0.1])})
        ['a: no prediction interval: 2 studies cannot say how effects differ (3 are needed)']
    """
    found: dict[str, list[str]] = {}
    for name, result in results.items():
        for note in result.notes:
            found.setdefault(note, []).append(name)
    return [f"{listed(names)}: {note}" for note, names in found.items()]


def refit_notes(
    *, test: str, s2w: NDArray[np.float64], tau2: NDArray[np.float64], df: NDArray[np.float64],
    equal_effects: bool, tau2_fixed: bool,
) -> list[str]:  # fmt: skip
    """Say in how many refits the factor is below 1 or tau2 is 0.

    Args:
        test: of the coefficients.
        s2w: Knapp-Hartung factor of each refit, (B,).
        tau2: of each refit, (B,); NaN where it is not defined.
        df: studies minus coefficients of each, (B,).
        equal_effects: the model has no between-study variance.
        tau2_fixed: tau2 was given.
    """
    defined = np.isfinite(tau2) & (df > 0)
    n = int(defined.sum())
    notes = []
    small = int((s2w[defined] < 1 - _ROUNDING).sum())
    if test == "knha" and small:
        notes.append(
            f"the Knapp-Hartung factor is below 1 in {small} of {plural(n, 'refit')}; the test "
            "'adhoc' keeps it at 1"
        )
    zero = int((tau2[defined] == 0).sum())
    if zero and not equal_effects and not tau2_fixed:
        notes.append(f"tau2 is 0 in {zero} of {plural(n, 'refit')}")
    return notes


def bias_notes(k: int) -> list[str]:
    """Say when there are too few studies to tell bias from chance.

    Example:
        >>> bias_notes(10), bias_notes(4)[0].split(":")[0]
        ([], 'only 4 studies')
    """
    if k >= FEW_FOR_BIAS:
        return []
    note = (
        f"only {plural(k, 'study')}: with fewer than {FEW_FOR_BIAS}, tests and corrections for "
        "small-study effects can hardly tell bias from chance (Sterne et al. 2011)"
    )
    return [note]


def rank_notes(k: int) -> list[str]:
    """Say that the rank test of few studies hardly ever rejects."""
    if k >= FEW_FOR_RANKS:
        return []
    note = (
        f"the rank test has low power with fewer than {FEW_FOR_RANKS} studies (Begg & Mazumdar "
        "1994): that it finds nothing does not speak for symmetry"
    )
    return [note]


def permutation_notes(permutations: int, alpha: float) -> list[str]:
    """Say when no p-value can reach the level, whatever the effects are.

    Example:
        >>> permutation_notes(8, 0.05)
        ['with 8 permutations no p-value can be below 0.125']
    """
    least = 1 / permutations
    if least <= alpha:
        return []
    shown = significant(least, 3)
    return [f"with {plural(permutations, 'permutation')} no p-value can be below {shown}"]
