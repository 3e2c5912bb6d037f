"""Names and references as they stand in texts about a meta-analysis."""

from __future__ import annotations

import math
import re
from typing import Any, Final, Protocol

from review.words import statistic_text

METHOD_NAMES: Final = {
    "EE": "an equal-effects model",
    "FE": "a fixed-effects model",
    "DL": "the DerSimonian-Laird estimator",
    "HE": "the Hedges estimator",
    "HS": "the Hunter-Schmidt estimator",
    "HSk": "the Hunter-Schmidt estimator with small-sample correction",
    "SJ": "the Sidik-Jonkman estimator",
    "ML": "maximum likelihood",
    "REML": "restricted maximum likelihood",
    "EB": "the empirical Bayes estimator",
    "PM": "the Paule-Mandel estimator",
    "PMM": "the median-unbiased Paule-Mandel estimator",
    "GENQ": "the generalised Q-statistic estimator",
    "GENQM": "the median-unbiased generalised Q-statistic estimator",
    "DLIT": "the iterated DerSimonian-Laird estimator",
    "SJIT": "the iterated Sidik-Jonkman estimator",
}
TEST_NAMES: Final = {
    "z": "Wald-type z tests and intervals",
    "t": "t tests and intervals",
    "knha": "Knapp-Hartung tests and intervals",
    "adhoc": "Knapp-Hartung tests and intervals with the variance factor kept at 1 or above",
}
REFERENCES: Final = {
    "EE": ("Hedges LV, Vevea JL (1998). Psychol Methods 3:486-504",),
    "FE": ("Hedges LV, Vevea JL (1998). Psychol Methods 3:486-504",),
    "DL": ("DerSimonian R, Laird N (1986). Control Clin Trials 7:177-188",),
    "HE": ("Hedges LV, Olkin I (1985). Statistical Methods for Meta-Analysis. Academic Press",),
    "HS": ("Hunter JE, Schmidt FL (1990). Methods of Meta-Analysis. Sage",),
    "HSk": ("Brannick MT, Potter SM, Benitez B, Morris SB (2019). Res Synth Methods 10:23-42",),
    "SJ": ("Sidik K, Jonkman JN (2005). Appl Stat 54:367-384",),
    "ML": ("Hardy RJ, Thompson SG (1996). Stat Med 15:619-629",),
    "REML": ("Viechtbauer W (2005). J Educ Behav Stat 30:261-293",),
    "EB": ("Morris CN (1983). J Am Stat Assoc 78:47-55",),
    "PM": ("Paule RC, Mandel J (1982). J Res Natl Bur Stand 87:377-385",),
    "PMM": ("Viechtbauer W (2021). In: Handbook of Meta-Analysis. Chapman & Hall/CRC",),
    "GENQ": ("DerSimonian R, Kacker R (2007). Contemp Clin Trials 28:105-114",),
    "GENQM": ("Viechtbauer W (2021). In: Handbook of Meta-Analysis. Chapman & Hall/CRC",),
    "DLIT": ("DerSimonian R, Kacker R (2007). Contemp Clin Trials 28:105-114",),
    "SJIT": ("Sidik K, Jonkman JN (2005). Appl Stat 54:367-384",),
    "knha": ("Knapp G, Hartung J (2003). Stat Med 22:2693-2710",),
    "adhoc": ("Knapp G, Hartung J (2003). Stat Med 22:2693-2710",),
    "I2": ("Higgins JPT, Thompson SG (2002). Stat Med 21:1539-1558",),
    "QP": ("Viechtbauer W (2007). Stat Med 26:37-52",),
    "GENQ-CI": ("Jackson D (2013). Res Synth Methods 4:220-229",),
    "PI": ("Higgins JPT, Thompson SG, Spiegelhalter DJ (2009). J R Stat Soc A 172:137-159",),
}

# measures whose name on the scale of the outcome is more than their label without "log"
OUTCOMES: Final = {
    "PAS": "proportion", "PFT": "proportion", "IRS": "incidence rate", "IRFT": "incidence rate",
    "ZCOR": "correlation", "ZPCOR": "partial correlation", "AHW": "Cronbach's alpha",
    "ABT": "Cronbach's alpha",
}  # fmt: skip
# measures with a choice of scales, and the name of the scale by its back-transformation
SCALED: Final = ("ACC", "SENS", "SPEC")
SCALE_NAMES: Final = {
    "expit": "logit ",
    "exp": "log ",
    "iarcsin": "arcsine-transformed ",
    "ipft_hm": "double-arcsine-transformed ",
}


class Measured(Protocol):
    """Any result that names its effect measure."""

    @property
    def measure(self) -> str:
        """Code of the measure, or ""."""

    @property
    def transf(self) -> str:
        """Name of its back-transformation."""


def effect_name(fit: Measured, *, back: bool = False) -> str:
    """Name of the effect measure, on the scale of the analysis or after back-transformation."""
    if not fit.measure:
        return "effect"
    if back:
        return outcome_name(fit.measure)
    from review.stats.effects.measure_registry import MEASURES

    label = MEASURES[fit.measure].label if fit.measure in MEASURES else fit.measure
    return f"{SCALE_NAMES.get(fit.transf, '')}{label}" if fit.measure in SCALED else label


def outcome_name(measure: str) -> str:
    """Name of a measure on the scale of the outcome, where logarithms and logits are undone.

    Example:
        >>> outcome_name("RR"), outcome_name("PFT"), outcome_name("SMD")
        ('risk ratio', 'proportion', "standardised mean difference (Hedges' g)")
    """
    from review.stats.effects.measure_registry import MEASURES

    if measure not in MEASURES:
        return measure or "effect"
    return OUTCOMES.get(measure) or re.sub(r"\b(log|logit) ", "", MEASURES[measure].label, count=1)


def statistic(fit: Any) -> str:
    """The letter of the coefficient tests with its degrees of freedom: 'z' or 't(12)'."""
    return "z" if fit.ddf is None else f"t({fit.ddf})"


def omnibus(fit: Any) -> str:
    """Return the test of the moderators of a result: its name with degrees of freedom, value, p."""
    if fit.QM is None or math.isnan(fit.QM):
        return "not computed (too few studies for a joint test)"
    df1, df2 = (None if x is None else f"{x:.2f}".removesuffix(".00") for x in fit.QM_df)
    return statistic_text(f"QM({df1})" if df2 is None else f"F({df1}, {df2})", fit.QM, fit.QMp)
