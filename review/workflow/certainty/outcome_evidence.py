"""What the certainty of an outcome is judged by: its pooled result on the scale that decides."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError
from review.stats.absolute.baseline_risks import (
    STANDARDISED,
    kind_of,
    over_baseline,
    usual_baseline,
)
from review.stats.presentation.effect_display import (
    DIGITS,
    MOST_DIGITS,
    ONE_GROUP,
    digits_for,
    shown_transf,
)
from review.stats.presentation.forest_rows import study_rows
from review.words import number, significant
from review.workflow.pooling.accuracy_run import AccuracyRun
from review.workflow.pooling.bayes_run import BayesRun
from review.workflow.pooling.meta_run import MetaRun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from review.schema.certainty_file import OutcomeCertainty
    from review.workflow.pooling.settings_run import AnyRun

Triple = tuple[float, float, float]  # estimate, lower and upper limit
PEOPLE: Final = 1000  # thresholds of risks are told per so many
# shares of people or cases
SHARES: Final = frozenset({"PR", "PLN", "PLO", "PAS", "PFT", "ACC", "SENS", "SPEC"})
MEDIAN: Final = "median of the comparison groups"
# prevalences that accuracy is told at where none is stated
QUARTER: Final = 0.25


@dataclass(frozen=True)
class BaselineUsed:
    """What happens without the intervention: value, of whom, and where it comes from."""

    value: float
    name: str
    source: str
    stated: bool = True


@dataclass(frozen=True)
class Quantity:
    """A pooled result on the scale that decisions are made on.

    Attributes:
        name: what it counts, such as `difference`.
        unit: behind a number, such as ` per 1,000`.
        value: estimate with limits.
        null: the value without an effect; None where none means that.
        new: prediction limits, or None.
        points: the studies' own estimates on this scale.
        mid: the smallest important difference on this scale, or None.
        decimals: None for counts of people.
    """

    name: str
    unit: str
    value: Triple
    null: float | None
    new: tuple[float, float] | None
    points: tuple[float, ...] = ()
    mid: float | None = None
    decimals: int | None = None

    def say(self, x: float) -> str:
        """Return a value as a number without its unit."""
        return people(x) if self.decimals is None else number(x, self.decimals)

    @property
    def mid_text(self) -> str:
        """The smallest important difference without its unit, as it was stated; "" without one."""
        return "" if self.mid is None else significant(self.mid)

    def span(self, limits: Sequence[float]) -> str:
        """Return limits with their unit."""
        return f"{self.say(limits[0])} to {self.say(limits[1])}{self.unit}"


@dataclass(frozen=True)
class Evidence:
    """Everything about an outcome that a proposal or a row of the summary needs.

    Attributes:
        name, title: of the analysis. measure: code, or "".
        level: of the intervals, per cent.
        effect: on the scale of the outcome; None for accuracy.
        decimals: of the effect.
        quantities: on the scale that decides; the first baseline counts.
        baselines: stated ones; the median of the control groups without any.
        studies: how many. participants: how many, None where not all studies state it.
        sizes: of the studies, where they are known.
        intervals: of the studies, lower and upper limits, (k, 2), on the scale of the outcome.
        i2: per cent. q_p: p-value of the test of heterogeneity.
        asymmetry: name and p-value of a test of the funnel, or None.
        run: the analysis.
        notes: what weakens it.
    """

    name: str
    title: str
    measure: str
    level: float
    effect: Triple | None
    decimals: int
    quantities: tuple[Quantity, ...]
    baselines: tuple[BaselineUsed, ...]
    studies: int
    participants: int | None
    sizes: tuple[float, ...]
    intervals: Any
    i2: float | None
    q_p: float | None
    asymmetry: tuple[str, float] | None
    run: AnyRun = field(repr=False)
    notes: tuple[str, ...] = ()

    @property
    def is_accuracy(self) -> bool:
        """Whether it is about sensitivity and specificity."""
        return isinstance(self.run, AccuracyRun)

    @property
    def of_one_group(self) -> bool:
        """Whether nothing is compared: a prevalence, a mean."""
        return self.measure in ONE_GROUP


def people(x: float) -> str:
    """Return a count of people: whole, below one with the digit that matters.

    Example:
        >>> people(31.4), people(-0.42), people(0.0), people(1234.4)
        ('31', '-0.4', '0', '1,234')
    """
    if x == 0 or abs(x) >= 0.95:
        text = f"{x:,.0f}"
        return "0" if text == "-0" else text
    return f"{x:.1g}"


def decimals_for(low: float, high: float) -> int:
    """Return the decimals that show half an interval with two digits.

    Example:
        >>> decimals_for(-12.0, -8.0), decimals_for(0.1, 0.2), decimals_for(100.0, 900.0)
        (1, 3, 0)
    """
    half = abs(high - low) / 2
    if half == 0 or not math.isfinite(half):
        return DIGITS
    return min(max(1 - math.floor(math.log10(half)), 0), MOST_DIGITS)


def evidence_of(run: AnyRun, outcome: OutcomeCertainty, title: str) -> Evidence:
    """Return the evidence of an outcome.

    Args:
        run: its analysis.
        outcome: baselines and thresholds.
        title: of the analysis.

    Raises:
        InputError: the analysis has no average of all studies (moderators, a network), or a
            baseline is impossible.
    """
    if isinstance(run, AccuracyRun):
        return _of_accuracy(run, outcome, title)
    if isinstance(run, MetaRun | BayesRun):
        return _of_effects(run, outcome, title)
    raise InputError(
        f"{outcome.name}: a network compares many pairs of treatments; certainty is judged for one "
        "comparison at a time, so pool that comparison as a [[meta]] of its own"
    )


def _of_effects(run: MetaRun | BayesRun, outcome: OutcomeCertainty, title: str) -> Evidence:
    result: Any = run.result
    if not getattr(result, "intercept_only", True):
        raise InputError(f"{outcome.name}: a model with moderators has no average of all studies")
    predicted = result.predict(transf=shown_transf(result))
    effect = _triple(predicted.pred, predicted.ci_lb, predicted.ci_ub)
    wide = predicted.pi_lb is not None and predicted.pi_ub is not None
    new = (float(predicted.pi_lb[0]), float(predicted.pi_ub[0])) if wide else None
    own = [(r.estimate, r.ci_lb, r.ci_ub) for r in study_rows(result)]
    studies = np.array(own, dtype=np.float64).reshape(-1, 3)
    measure = str(result.measure or "")
    decimals = digits_for(run.forest) if isinstance(run, MetaRun) else 2
    used = [i for i in np.asarray(result.ids).tolist() if i < len(run.rows.labels)]
    columns = {n: [float(v[i]) for i in used] for n, v in run.rows.columns.items()}
    notes: list[str] = []
    clustered = getattr(result, "clusters", None) is not None
    sizes = [] if clustered else _sizes(columns, result)
    if clustered:
        notes.append("several results per study: participants are not summed")
    baselines = _baselines(outcome, measure, columns)
    told = _Told(measure, effect, new, tuple(studies[:, 0].tolist()), decimals)
    quantity = _quantity(told, baselines, outcome)
    total = sum(sizes)
    known = bool(sizes) and np.isfinite(total)
    i2, q_p = _heterogeneity(result)
    return Evidence(
        outcome.name, title, measure, float(result.level), effect, decimals, (quantity,),
        tuple(baselines), int(result.m) if clustered else int(result.k),
        round(total) if known else None, tuple(x for x in sizes if np.isfinite(x)),
        studies[:, 1:], i2, q_p, _egger(run), run, tuple(notes),
    )  # fmt: skip


def _egger(run: MetaRun | BayesRun) -> tuple[str, float] | None:
    found = getattr(run, "egger", None)
    return None if found is None else ("regression test of the funnel", float(found.pval))


def _triple(*values: Any) -> Triple:
    a, b, c = (float(v[0]) for v in values)
    return a, b, c


def _heterogeneity(result: Any) -> tuple[float | None, float | None]:
    """Return I2 in per cent and the p-value of Q, those of the studies where the model has none."""
    i2, p = _number(result, "I2"), _number(result, "QEp")
    if (i2 is None or p is None) and result.k > 1:
        from scipy.special import chdtrc

        y, w = np.asarray(result.yi), 1 / np.asarray(result.vi)
        q = float((w * (y - (w * y).sum() / w.sum()) ** 2).sum())
        df = len(y) - 1
        if df > 0 and math.isfinite(q):
            i2 = (100 * max(q - df, 0.0) / q if q > 0 else 0.0) if i2 is None else i2
            p = float(chdtrc(df, q)) if p is None else p
    return i2, p


def _number(result: Any, name: str) -> float | None:
    found = getattr(result, name, None)
    return None if found is None or not np.isfinite(found) else float(found)


def _sizes(columns: Mapping[str, list[float]], result: Any) -> list[float]:
    """Return how many people each study has, as its numbers say it."""
    for names in (("n1i", "n2i"), ("n1i", "ci", "di"), ("ai", "bi", "n2i"),
                  ("ai", "bi", "ci", "di"), ("xi", "mi"), ("ni",)):  # fmt: skip
        if all(n in columns for n in names) and not ("xi" in names and "ni" in columns):
            return [sum(row) for row in zip(*(columns[n] for n in names), strict=True)]
    given = getattr(result, "ni", None)
    return [] if given is None else [float(x) for x in given]


def _baselines(
    outcome: OutcomeCertainty, measure: str, columns: Mapping[str, list[float]]
) -> list[BaselineUsed]:
    stated = [BaselineUsed(b.value, b.name, b.source) for b in outcome.baseline]
    if kind_of(measure) == "risk" and (bad := [b for b in stated if not 0 < b.value < 1]):
        raise InputError(
            f"{outcome.name}: the baseline {bad[0].value:g} is no risk between 0 and 1, such as "
            "0.05"
        )
    usual = usual_baseline(measure, columns) if not stated else None
    return [BaselineUsed(usual, "", MEDIAN, stated=False)] if usual is not None else stated


@dataclass(frozen=True)
class _Told:
    """A pooled effect on the scale of the outcome, before any baseline."""

    measure: str
    effect: Triple
    new: tuple[float, float] | None
    points: tuple[float, ...]
    decimals: int


def _quantity(
    told: _Told, baselines: Sequence[BaselineUsed], outcome: OutcomeCertainty
) -> Quantity:
    """Return the result as a difference of people, of rates, or in units of the outcome."""
    kind = kind_of(told.measure)
    if kind and (found := _difference(told, baselines, outcome)) is not None:
        return found
    if told.measure in SHARES:
        a, b, c = (PEOPLE * x for x in told.effect)
        limits = None if told.new is None else (PEOPLE * told.new[0], PEOPLE * told.new[1])
        many = tuple(PEOPLE * x for x in told.points)
        return Quantity("share", " per 1,000", (a, b, c), None, limits, many, outcome.mid)
    ratio = kind is not None
    null = 1.0 if ratio else None if told.measure in ONE_GROUP or not told.measure else 0.0
    unit = f" {outcome.unit}" if outcome.unit and not ratio else ""
    return Quantity(
        "effect", unit, told.effect, null, told.new, told.points, None if ratio else outcome.mid,
        told.decimals,
    )  # fmt: skip


def _difference(
    told: _Told, baselines: Sequence[BaselineUsed], outcome: OutcomeCertainty
) -> Quantity | None:
    """Return the difference over the first baseline; None where one is needed and lacking."""
    measure, kind = told.measure, kind_of(told.measure)
    base = baselines[0].value if baselines else None
    standard = measure in STANDARDISED
    sd = outcome.sd if standard and outcome.sd else 1.0
    per = 1 if kind == "mean" else PEOPLE

    def moved(effects: Sequence[float]) -> tuple[float, ...] | None:
        found = [over_baseline(measure, (x * sd,) * 3, base) for x in effects]
        changes = [per * f.change[0] for f in found if f is not None]
        return tuple(changes) if len(changes) == len(found) else None

    values = moved(told.effect)
    if values is None:
        return None
    unit = " SD" if standard and not outcome.sd else f" {outcome.unit}" if outcome.unit else ""
    if kind == "risk":
        unit = " per 1,000"
    elif kind == "rate":
        unit = f" per 1,000{unit or ' units of time'}"
    new = None if told.new is None else moved(told.new)
    return Quantity(
        "difference", unit, (values[0], values[1], values[2]), 0.0,
        None if new is None else (new[0], new[1]), moved(told.points) or (), outcome.mid,
        decimals_for(values[1], values[2]) if kind == "mean" else None,
    )  # fmt: skip


def _of_accuracy(run: AccuracyRun, outcome: OutcomeCertainty, title: str) -> Evidence:
    result = run.result
    if not result.intercept_only:
        raise InputError(f"{outcome.name}: a model with moderators has no summary point")
    bad = [b for b in outcome.baseline if not 0 < b.value < 1]
    if bad:
        raise InputError(
            f"{outcome.name}: the prevalence {bad[0].value:g} does not lie between 0 and 1"
        )
    stated = [BaselineUsed(b.value, b.name, b.source) for b in outcome.baseline]
    stated = stated or [BaselineUsed(p, "", "as the analysis asks for") for p in run.prevalences]
    cells = [np.asarray(getattr(result.studies, n), dtype=float) for n in ("tp", "fn", "fp", "tn")]
    tp, fn, fp, tn = cells
    if not stated:
        stated = [_prevalence(tp + fn, fp + tn)]
    points = result.predict()
    values = result.predictive_values([b.value for b in stated])
    ill = PEOPLE * stated[0].value
    well = PEOPLE - ill
    quantities = []
    with np.errstate(invalid="ignore", divide="ignore"):
        missed, alarmed = fn / (tp + fn), fp / (fp + tn)
    for name, row, new, own, whole in (
        ("missed", values.missed, points.sens_pi[0], missed, ill),
        ("false alarms", values.alarmed, points.spec_pi[0], alarmed, well),
    ):
        a, b, c = (float(x) for x in row[0])
        limits = sorted(whole * (1 - float(x)) for x in new)
        at = tuple(float(x) * whole for x in own if np.isfinite(x))
        quantities.append(
            Quantity(name, " per 1,000 tested", (a, b, c), None, (limits[0], limits[1]), at,
                     outcome.mid)
        )  # fmt: skip
    sizes = [float(x) for x in tp + fn + fp + tn]
    total = sum(sizes)
    deeks = None if run.deeks is None else ("Deeks' test", float(run.deeks.pval[1]))
    sens = result.studies.sens
    return Evidence(
        outcome.name, title, "", float(result.level), None, 2, tuple(quantities), tuple(stated),
        int(result.k), round(total) if np.isfinite(total) else None,
        tuple(x for x in sizes if np.isfinite(x)), np.asarray(sens)[:, 1:], None, None, deeks, run,
    )  # fmt: skip


def _prevalence(ill: Any, well: Any) -> BaselineUsed:
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = ill / (ill + well)
    known = shares[np.isfinite(shares) & (shares > 0) & (shares < 1)]
    if known.size:
        return BaselineUsed(float(np.median(known)), "", "median of the studies", stated=False)
    return BaselineUsed(QUARTER, "", "an example: no study states a prevalence", stated=False)
