"""One row of stated numbers under the names that the checks know."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from review.errors import StatsError
from review.schema import metrics
from review.stats.consistency.rounding_ranges import Printed, printed
from review.workflow.audit.claim import Claim, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

# canonical name -> other spellings (compared without case, spaces and hyphens); metrics have a
# table of their own
NUMBERS: Final[dict[str, tuple[str, ...]]] = {
    "n": ("total", "sample_size"),
    "n_test": ("test_n",),
    "n_max": (),
    "n_pos": ("positives", "n_positive", "diseased"),
    "n_neg": ("negatives", "n_negative", "healthy"),
    "tp": ("true_positives",),
    "fp": ("false_positives",),
    "fn": ("false_negatives",),
    "tn": ("true_negatives",),
    "train": ("training", "n_train"),
    "validation": ("val", "n_validation", "n_val"),
    "test": ("testing",),
    "images": ("n_images",),
    "patients": ("n_patients",),
    "n_classes": ("classes",),
    "estimate": ("effect",),
    "se": ("standard_error",),
    "ci_low": ("ci_lower", "lower", "ci_lb"),
    "ci_high": ("ci_upper", "upper", "ci_ub"),
    "ci_level": ("level",),
    "value": (),
    "z": ("z_value", "zval", "z_score", "z_stat", "z_statistic"),
    "t": ("t_value", "tval", "t_stat", "t_statistic"),
    "df1": ("df", "df_num", "df_q", "q_df"),
    "df2": ("df_den",),
    "k": ("events", "count"),
    "percent": ("percentage", "pct"),
    "proportion": ("share",),
    "mean": (),
    "folds": ("n_folds", "k_folds"),
    "mcc": ("matthews", "matthews_correlation", "matthews_correlation_coefficient"),
    "kappa": ("cohen_kappa", "cohens_kappa", "cohen's_kappa"),
    "lr_pos": ("lr+", "plr", "positive_likelihood_ratio", "lr_positive"),
    "lr_neg": ("nlr", "negative_likelihood_ratio", "lr_negative"),
    "q": ("qe", "cochran_q", "cochrans_q", "cochran's_q", "q_statistic"),
    "i2": ("i²", "i^2", "i_squared", "i_square"),
    "h2": ("h²", "h^2", "h_squared"),
    "tau2": ("tau²", "τ²", "τ2", "tau^2", "tau_squared"),
    "studies": ("n_studies", "k_studies"),
    "sd": ("standard_deviation", "std"),
    "items": ("n_items",),
    "min": ("minimum", "scale_min"),
    "max": ("maximum", "scale_max"),
    "median": (),
    "q1": ("lower_quartile", "p25"),
    "q3": ("upper_quartile", "p75"),
    "agreement": ("observed_agreement", "percent_agreement", "po"),
    "expected_agreement": ("chance_agreement", "pe"),
    "events1": ("ai", "events_1"),
    "events2": ("ci", "events_2"),
    "n1": ("n1i", "n_1"),
    "n2": ("n2i", "n_2"),
    "mean1": ("m1i", "mean_1"),
    "mean2": ("m2i", "mean_2"),
    "sd1": ("sd1i", "sd_1"),
    "sd2": ("sd2i", "sd_2"),
    "weight": ("weights", "weight_percent"),
    "r2": ("r²", "r^2", "r_squared", "r_square"),
    "adj_r2": ("adjusted_r2", "adjusted_r_squared", "adj_r_squared"),
}
WORDS: Final = ("statistic", "metric", "measure", "p", "p_q", "tail", "parts", "data_type",
                "averaged_over", "percents", "cells", "forest", "baseline")  # fmt: skip
LABELS: Final = ("id", "study_id", "label", "claim", "source", "note", "role", "model", "tl_type",
                 "dataset", "test_unit", "text", "name", "title")  # fmt: skip
_TEXTS: Final = frozenset({*WORDS, *LABELS})
_NUMERIC: Final = (int, float, Decimal, str)
METRICS: Final = tuple(m.name for m in metrics.METRICS)
# scores that are no shares of cases
SCORES: Final = ("mcc", "kappa", "lr_pos", "lr_neg")
COUNTS: Final = frozenset(
    {"n", "n_test", "n_max", "n_pos", "n_neg", "tp", "fp", "fn", "tn", "train", "validation",
     "test", "images", "patients", "n_classes", "k", "folds", "studies",
     "items", "events1", "events2", "n1", "n2"}
)  # fmt: skip
_CANONICAL: Final = (
    {spelling: name for name, others in NUMBERS.items() for spelling in (name, *others)}
    | {word: word for word in (*WORDS, *LABELS)}
    | {
        "p_value": "p",
        "pvalue": "p",
        "q_p": "p_q",
        "p_heterogeneity": "p_q",
        "p_het": "p_q",
        "test_statistic": "statistic",
        "effect_measure": "measure",
    }
)


_ENDS: Final = {
    "_ci_low": "_ci_low", "_ci_lower": "_ci_low", "_ci_lb": "_ci_low", "_lower": "_ci_low",
    "_low": "_ci_low", "_lb": "_ci_low", "_ci_high": "_ci_high", "_ci_upper": "_ci_high",
    "_ci_ub": "_ci_high", "_upper": "_ci_high", "_high": "_ci_high", "_ub": "_ci_high",
    "_se": "_se",
}  # fmt: skip


@lru_cache(maxsize=4096)
def canonical(column: str) -> str | None:
    """Return the name that the checks know a column by, or None.

    Example:
        >>> canonical("AUROC"), canonical("Sens. lower"), canonical("colour")
        ('auc', 'sensitivity_ci_low', None)
    """
    plain = column.strip().casefold().replace(" ", "_").replace("-", "_")
    if plain in _CANONICAL:
        return _CANONICAL[plain]
    metric = metrics.find_metric(plain)
    if metric is not None:
        return metric.name
    for end, value in _ENDS.items():
        metric = metrics.find_metric(plain.removesuffix(end)) if plain.endswith(end) else None
        if metric is not None:
            return metric.name + value
    return None


@dataclass
class Facts:
    """The numbers that are stated together, in one row or record.

    Attributes:
        source: where they stand.
        numbers: canonical name -> number as printed.
        words: canonical name -> text.
        study_id: the study, when they belong to one.
        sources: canonical name -> a closer place, when a number has one.
    """

    source: str
    numbers: dict[str, Printed] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    study_id: str | None = None
    sources: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> Printed | None:
        """Return a number as printed, or None when it is not stated."""
        return self.numbers.get(name)

    def count(self, *names: str) -> int | None:
        """Return the first of `names` that is stated as a whole number, 0 or more."""
        for name in names:
            found = self.numbers.get(name)
            if found is not None and found.value >= 0 and found.value == int(found.value):
                return int(found.value)
        return None

    def has(self, *names: str) -> bool:
        """Whether all of `names` are stated."""
        return all(name in self.numbers for name in names)

    @property
    def n_test(self) -> int | None:
        """The size of the test set."""
        return self.count("n_test") if "train" in self.numbers else self.count("n_test", "n")

    @property
    def positives(self) -> int | None:
        """The diseased cases of the test set: stated, or what the other stated counts leave."""
        return self._class("n_pos", "n_neg", ("tp", "fn"))

    @property
    def negatives(self) -> int | None:
        """The cases of the test set that are not diseased, like `positives`."""
        return self._class("n_neg", "n_pos", ("tn", "fp"))

    def _class(self, name: str, other: str, cells: tuple[str, str]) -> int | None:
        stated, others, n = self.count(name), self.count(other), self.n_test
        if stated is None and None not in (parts := [self.count(c) for c in cells]):
            stated = sum(p or 0 for p in parts)
        if stated is None and n is not None and others is not None and others <= n:
            stated = n - others
        return stated

    @property
    def cases(self) -> int | None:
        """The size of the test set: stated, or the sum of the two classes.

        Example:
            >>> facts_from({"n_pos": 50, "n_neg": 40}, "row 1").cases
            90
        """
        if self.n_test is not None:
            return self.n_test
        positives, negatives = self.positives, self.negatives
        return None if positives is None or negatives is None else positives + negatives

    @property
    def about(self) -> str:
        """Which model on which data, for the claim's words."""
        parts = [self.words[w] for w in ("label", "model", "dataset") if self.words.get(w)]
        return ", ".join(parts)

    def claim(
        self,
        check: str,
        text: str,
        verdict: Verdict,
        *,
        reported: Any = "",
        recomputed: Any = "",
        computation: str = "",
        note: str = "",
        at: str = "",
    ) -> Claim:
        """Return a claim about these facts; `at` names the number it is about."""
        about = f" ({self.about})" if self.about else ""
        return Claim(
            check, text + about, verdict, str(reported), str(recomputed), computation,
            self.sources.get(at, self.source), note, self.study_id,
        )  # fmt: skip


def facts_from(record: Mapping[str, Any], source: str, *, study_id: str | None = None) -> Facts:
    """Return the facts of a record of values; what no check knows is left out.

    Args:
        record: column -> number or text; None and "" mean not stated.
        source: where the record stands.
        study_id: the study, when the record has no column `study_id`.
    """
    facts = Facts(source, study_id=study_id)
    for column, value in record.items():
        name = canonical(column)
        if name is None or value is None or value == "" or isinstance(value, bool):
            continue
        if name in _TEXTS:
            facts.words[name] = str(value)
        elif isinstance(value, _NUMERIC):
            try:
                facts.numbers[name] = printed(value)
            except StatsError:  # words in the place of a number state none
                continue
    facts.study_id = facts.study_id or facts.words.get("study_id")
    for name in ("rho", "r"):
        value = record.get(name)
        if value is None or isinstance(value, bool) or "statistic" in facts.words:
            continue
        with contextlib.suppress(StatsError):
            facts.numbers["value"] = printed(value)
            facts.words["statistic"] = name
    for name in ("z", "t"):  # a column of its own is the statistic, unless another one is named
        if name in facts.numbers and "value" not in facts.numbers:
            facts.numbers["value"] = facts.numbers.pop(name)
            facts.words["statistic"] = name
    return _spread_metric(facts)


def _spread_metric(facts: Facts) -> Facts:
    """Move `metric`, `value`, `ci_low`, ... of a results row to the metric's own names."""
    word = facts.words.get("metric", "")
    metric = canonical(word)
    if "value" not in facts.numbers:
        return facts
    if metric not in METRICS and metric not in SCORES:
        from review.workflow.pooling.metric_names import named_measure

        effect = named_measure(word)
        if effect is not None and effect[1] == "est" and "statistic" not in facts.words:
            facts.numbers.setdefault("estimate", facts.numbers["value"])
            facts.words.setdefault("measure", effect[0])
        return facts
    facts.numbers.setdefault(metric, facts.numbers.pop("value"))
    for name in ("ci_low", "ci_high", "se"):
        if name in facts.numbers:
            facts.numbers.setdefault(f"{metric}_{name}", facts.numbers.pop(name))
    return facts


def decimal_text(x: float, like: Printed | None = None) -> str:
    """Return a computed number with two digits more than `like`, or six significant ones.

    Example:
        >>> decimal_text(2 / 3, printed("0.67")), decimal_text(0.5)
        ('0.6667', '0.5')
    """
    if like is None:
        return f"{x:.6g}"
    text = f"{x:.{like.decimals + 2}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
