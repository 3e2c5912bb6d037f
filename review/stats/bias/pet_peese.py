"""PET and PEESE: the effect of a study without sampling error, by regression on its imprecision.

PET: y_i = b0 + b1 se_i + e_i and PEESE: y_i = b0 + b1 v_i + e_i, both by least squares with weights
1/v_i (Stanley & Doucouliagos 2014, Res Synth Methods 5:60). The conditional estimator
takes PEESE when PET finds an effect (its intercept has p below alpha), else PET. Stanley (2017)
tests one-sided at 5 per cent, that is, in the direction of the effects; two-sided is offered too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.bias.bias_input import read_studies, with_predictor
from review.stats.bias.record import SmallStudyResult
from review.stats.bias.regtest import weighted_regression
from review.stats.ground.alternatives import hyphenated
from review.stats.ground.arguments import real
from review.stats.ground.guard import guarded
from review.stats.ground.inference import basis_tests, level_percent
from review.stats.pooling.meta_rows import Inputs, choose
from review.words import confidence, number, p_value

if TYPE_CHECKING:
    import pandas as pd

    from review.stats.ground.least_squares import FloatArray

RULES: Final = ("one-sided", "two-sided")


@dataclass(frozen=True, eq=False)
class Regression:
    """One of the two regressions; arrays hold the intercept and the slope, (2,).

    Attributes:
        est, se, stat, pval, ci_lb, ci_ub: of intercept and slope, t with `df` degrees of freedom.
        df: k - 2.
        dispersion: residual variance factor.
    """

    est: FloatArray
    se: FloatArray
    stat: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    df: int
    dispersion: float


@dataclass(frozen=True, eq=False)
class PetPeese(SmallStudyResult):
    """PET, PEESE and the conditional estimate.

    Attributes:
        pet, peese: the regressions on the standard error and on the variance.
        chosen: "PET" or "PEESE".
        est, se, ci_lb, ci_ub, pval: the intercept of the chosen one.
        rule, alpha: how it was chosen.
        pval_rule: the p-value that decided.
        level: of the intervals, per cent.
        k: number of studies.
        notes: remarks.
    """

    pet: Regression
    peese: Regression
    chosen: str
    est: float
    se: float
    ci_lb: float
    ci_ub: float
    pval: float
    rule: str
    alpha: float
    pval_rule: float
    level: float
    k: int
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return one row per coefficient of PET and PEESE."""
        import pandas as pd

        rows = [
            {"model": name, "coefficient": coefficient}
            | {c: float(getattr(r, c)[j]) for c in ("est", "se", "stat", "pval", "ci_lb", "ci_ub")}
            for name, r in (("PET", self.pet), ("PEESE", self.peese))
            for j, coefficient in enumerate(("intercept", "slope"))
        ]
        return pd.DataFrame(rows)

    def words(self) -> str:
        """Return the result in words, with the method and its source."""
        lines = ["PET-PEESE (Stanley & Doucouliagos 2014), weighted least squares"]
        for name, r in (("PET", self.pet), ("PEESE", self.peese)):
            limits = confidence(float(r.ci_lb[0]), float(r.ci_ub[0]), self.level)
            lines.append(f"{name}: {number(r.est[0])}, {limits}, {p_value(float(r.pval[0]))}")
        lines.append(
            f"Conditional estimate: {self.chosen}, {number(self.est)}, "
            f"{confidence(self.ci_lb, self.ci_ub, self.level)} (PEESE when the {self.rule} test "
            f"of PET has p < {self.alpha:g}; here {p_value(self.pval_rule)}; k = {self.k})"
        )
        return self.with_notes(*lines)


@guarded
def pet_peese(
    source: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    data: Any = None,
    rule: str = "one-sided",
    alpha: float = 0.05,
    direction: str = "auto",
    level: float | None = None,
) -> PetPeese:
    """Estimate the effect of an infinitely large study by PET, PEESE and their combination.

    Args:
        source: a `MetaResult` without moderators, the result of `effect_size`, or effects (k,).
        vi: sampling variances, (k,), when `source` holds effects alone.
        sei: standard errors, instead of `vi`.
        data: where column names are looked up.
        rule: test of the PET intercept that decides: "one-sided" or "two-sided".
        alpha: its level.
        direction: of the one-sided test: "positive", "negative", or "auto": the sign of the
            inverse-variance mean.
        level: of the intervals, per cent; that of the model, or 95.

    Raises:
        UnknownNameError: unknown rule or direction.
        InputError: the model has moderators.
        StatsError: fewer than 3 studies, all standard errors alike.

    Example:
        >>> found = pet_peese([0.1, 0.3, 0.9, 0.8], [0.01, 0.02, 0.1, 0.15])
        >>> found.chosen, round(found.est, 4)
        ('PET', -0.1775)
    """
    rule = choose("rule", hyphenated(rule), RULES)
    direction = choose("direction", direction, ("auto", "positive", "negative"))
    alpha = real("alpha", alpha, least=0, most=1, open_ends=True, example="0.05")
    rows = read_studies(source, vi, sei=sei, data=data)
    if not rows.design.intercept_only:
        raise InputError("PET-PEESE needs effects without moderators; see regression_test")
    k = len(rows.yi)
    if k < 3:
        raise StatsError(f"PET-PEESE needs 3 studies, not {k}")
    wide = level_percent(getattr(source, "level", 95) if level is None else level)
    pet = _regress(rows, np.sqrt(rows.vi), "sei", wide)
    peese = _regress(rows, rows.vi, "vi", wide)
    p_rule = float(pet.pval[0])
    if rule == "one-sided":
        sign = {"positive": 1.0, "negative": -1.0}.get(direction)
        sign = sign or (1.0 if float(np.sum(rows.yi / rows.vi)) >= 0 else -1.0)
        p_rule = p_rule / 2 if sign * float(pet.stat[0]) > 0 else 1.0 - p_rule / 2
    chosen, r = ("PEESE", peese) if p_rule < alpha else ("PET", pet)
    return PetPeese(
        pet=pet, peese=peese, chosen=chosen, est=float(r.est[0]), se=float(r.se[0]),
        ci_lb=float(r.ci_lb[0]), ci_ub=float(r.ci_ub[0]), pval=float(r.pval[0]), rule=rule,
        alpha=alpha, pval_rule=p_rule, level=wide, k=k,
    )  # fmt: skip


def _regress(rows: Inputs, x: FloatArray, name: str, level: float) -> Regression:
    design = with_predictor(rows, x, name).design
    fit, df, dispersion = weighted_regression(rows.yi, design, 1.0 / rows.vi)
    t = basis_tests(fit, df, level, intercept=True)
    return Regression(fit.beta, t.se, t.stat, t.pval, t.ci_lb, t.ci_ub, df, dispersion)
