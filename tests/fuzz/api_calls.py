"""Calls of every public name, with hostile numbers in every place; see `python tests/fuzz --help`.

Functions and their arguments are read from the package, so that a new name is called too.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
from hostile import Values
from verdicts import Tally, judge

if TYPE_CHECKING:
    from collections.abc import Callable

# need torch, another process or a review on disk, or change what this computer remembers;
# command_lines.py reaches the last ones
ELSEWHERE = (
    "trust_folder", "revoke_trust", "trusted_folders",
    "apply_transfer", "build_backbone", "check_table1", "build_report", "open_review", "audit",
    "agreement", "recommend", "load_assessments", "audit_csv",
)  # fmt: skip
WORDS: dict[str, tuple[Any, ...]] = {
    "method": ("REML", "ML", "DL", "PM", "HE", "HS", "HSk", "SJ", "EB", "PMM", "GENQ", "GENQM",
               "DLIT", "SJIT", "EE", "FE", None, "reml", "NONE"),
    "test": ("z", "t", "knha", "adhoc", None, None, None, "auto", "exact", "F"),
    "measure": ("RR", "OR", "RD", "AS", "PHI", "YUQ", "YUY", "SMD", "MD", "ROM", "CVR", "VR",
                "PLO", "PR", "PFT", "PAS", "PLN", "COR", "ZCOR", "PCOR", "ZPCOR", "IR", "IRLN",
                "IRS", "IRFT", "IRR", "IRD", "MN", "MNLN", "SMCC", "SMCR", "MC", "ARAW", "AHW",
                "ABT", "AUC", "LOGITAUC", "ACC", "SENS", "SPEC", "PETO", "RTET", "RBIS", "SMD1",
                "SMDH", "D2ORN", "XX"),
    "transf": ("exp", "expit", "identity", "ipft", "iarcsin", "back", "ztor", None, "nonsense"),
    "type": ("Rosenthal", "Orwin", "Rosenberg", "General", "stepfun", "beta", "logistic",
             "halfnorm", "negexp", "power", "negexppow", "trunc", "truncest", "CR0", "CR1", "CR1p",
             "CR1S", "CR2", "QP", "PL", "GENQ", "x"),
    "alternative": ("two-sided", "two.sided", "less", "greater", "x"),
    "tes_alternative": ("two-sided", "two.sided", "less", "greater"),
    "to": ("only0", "all", "if0all", "none", "x"),
    "predictor": ("sei", "vi", "ni", "ninv", "sqrtni", "sqrtninv", "x"),
    "model": ("rma", "lm", "x"),
    "link": ("log", "identity", "x"),
    "kind": ("rstandard", "rstudent", "tl", "feature_extractor", "fine_tuning", "x"),
    "pi_type": ("default", "Riley", "t", "simple", "x"),
    "side": ("auto", "left", "right", "x"),
    "estimator": ("L0", "R0", "Q0", "x"),
    "statistic": ("test", "coef", "x"),
    "adjustment": ("beta0", "mulim", "betalim", "x"),
    "errors": ("limit", "usual", "x"),
    "rule": ("one.sided", "one-sided", "two.sided", "two-sided", "x"),
    "direction": ("auto", "positive", "negative", "x"),
    "prec": ("none", "sei", "vi", "ninv", "sqrtninv", "x"),
    "vtype": ("LS", "UB", "AV", "HO", None, "x"),
    "convention": ("default", "3.8", "x"),
    "empty": ("error", "merge", "x"),
    "backbone": ("VGG16", "ResNet50", "x", ""), "name": ("VGG16", "vgg-16", "AlexNet", "", "x"),
    "head": ("retrain", "replace", "x"), "terms": (True, False),
}  # fmt: skip
COLUMNS: dict[str, str] = {
    "yi": "effect", "source": "effect", "values": "effect", "x": "effect", "y": "effect",
    "vi": "variance", "sei": "variance", "weights": "variance", "ni": "count", "ti": "count",
    "slab": "word", "by": "word", "groups": "word", "cluster": "word", "a": "word", "b": "word",
    "order": "any", "mods": "any", "scale": "any", "X": "any", "newmods": "any",
}  # fmt: skip
RAW = {
    "proportion": ("auc", "value", "ci_low", "ci_high", "ri", "r2i"),
    "count": ("ai", "bi", "ci", "di", "n1i", "n2i", "xi", "ni", "tp", "fp", "fn", "tn", "mi",
              "n_pos", "n_neg", "x1i", "x2i"),
    "effect": ("m1i", "m2i", "mi"),
    "variance": ("sd1i", "sd2i", "sdi", "se", "t1i", "t2i", "ti"),
}  # fmt: skip
METHODS = (
    ("predict", ("newmods", "transf", "level", "pi_type", "ni")), ("confint", ("type", "level")),
    ("summary", ("transf",)), ("report_text", ("transf",)), ("to_dict", ()), ("to_frame", ()),
    ("update", ("method", "test", "level", "tau2")),
)  # fmt: skip


class Calls:
    """Makes calls one after the other."""

    def __init__(self, seed: int) -> None:
        import review

        self.draw = Values(seed)
        self.tally = Tally()
        self.functions = {
            name: item
            for name in review.__all__
            if inspect.isfunction(item := getattr(review, name)) and name not in ELSEWHERE
        }
        figures = review.plots
        self.figures = {name: getattr(figures, name) for name in figures.__all__}
        self.fits: list[Any] = []

    def run(self, n: int) -> Tally:
        """Make n calls; every function in turn, then methods and figures of models."""
        names = [*self.functions, *(["meta_analysis"] * 6), "a method", "a method", "a figure"]
        for i in range(n):
            name = names[i % len(names)]
            if name == "a method":
                self.method()
            elif name == "a figure":
                self.figure()
            else:
                self.call(name, self.functions[name])
        return self.tally

    def call(self, name: str, function: Callable[..., Any]) -> None:
        """Call a function with drawn arguments."""
        k = self.draw.size()
        given = self.arguments(function, k)
        if name in {"effect_size", "mantel_haenszel", "peto", "glmm", "beta_binomial"}:
            given |= self.raw(given.get("measure"), k)
        found = judge(self.tally, f"{name}({shown(given)})", lambda: function(**given))
        if name == "meta_analysis" and found is not None:
            self.fits.append(found)
            self.account(f"{name}({shown(given)})", found)
        elif found is not None:
            self.account(f"{name}({shown(given)})", found)

    def account(self, call: str, found: Any) -> None:
        """Ask a result for its words and numbers."""
        for what in ("summary", "to_dict", "to_frame"):
            if hasattr(found, what):
                judge(self.tally, f"{call}.{what}()", getattr(found, what))

    def arguments(self, function: Callable[..., Any], k: int) -> dict[str, Any]:
        """Return arguments for a function: all that it needs, some of the others."""
        given: dict[str, Any] = {}
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.kind in {parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL}:
                continue
            needed = parameter.default is parameter.empty
            # a million subsets by default are no hang
            if needed or name in {"vi", "subsets"} or self.draw.chance(0.25):
                given[name] = self.argument(function.__name__, name, k)
        if given.get("sei") is not None and self.draw.chance(0.9):
            given.pop("vi", None)
        return given

    def argument(self, function: str, name: str, k: int) -> Any:
        """Return a value for one argument."""
        if name in {"result", "fit"} or (function == "likelihood_ratio_test" and name in "ab"):
            return self.model()
        if name == "source" and self.draw.chance(0.4):
            return self.model()
        if name == "data":
            return None if self.draw.chance(0.8) else {"g": self.draw.column(k)}
        if name in WORDS and not (function == "location_scale" and name == "scale"):
            return self.draw.one(WORDS[name]) if self.draw.chance(0.95) else self.draw.thing()
        if name in COLUMNS:
            column = self.draw.column(k, kind=COLUMNS[name])
            if name in {"mods", "X", "scale"} and k and self.draw.chance(0.3):
                with np.errstate(all="ignore"):
                    second = self.draw.plain(k) * self.draw.number()
                return np.column_stack([self.draw.plain(k), second])
            return column
        if name == "rows":
            return [{"n": self.draw.thing(), "percent": self.draw.thing(), "k": self.draw.thing()}]
        if name == "exact" and function == "permutation_test":
            return self.draw.one((None, False))  # all orders of many studies take their time
        if name in {"intercept", "drop00", "exact", "correct", "weighted", "envelope", "centre",
                    "bonferroni", "scale_prec", "trim_fill"}:  # fmt: skip
            return self.draw.chance(0.5)
        if name in {"permutations", "draws", "iterations", "points", "n_boot"}:
            return self.draw.one((0, 1, 2, 50, 200, -1, 0.5, float("nan"), 10**9, "x", None))
        if name == "subsets":
            return self.draw.one((0, 1, 50, 2000, -1, float("nan"), 10**9, "x"))
        if name == "seed":
            return self.draw.one((0, 1, 20220413, -1, 0.5, None, float("nan"), "x", 10**30))
        if name == "level":
            return self.draw.one((95, 0.95, 90, 99.9, 0, 100, -1, 1, float("nan"), 1e308, "95"))
        if name in {"steps", "delta", "contours", "limits", "names"}:
            many = [self.draw.number() for _ in range(self.draw.size() % 4)]
            return self.draw.one((None, 0.025, [0.025, 0.5], (0.05,), many, "x"))
        return self.draw.thing()

    def model(self) -> Any:
        """Return a model: an earlier one, or a new one of ordinary numbers."""
        if self.fits and self.draw.chance(0.7):
            return self.draw.one(self.fits[-40:])
        from review import meta_analysis

        k = 1 + self.draw.size()
        mods = None if k < 4 or self.draw.chance(0.7) else np.arange(float(k))
        method = "EE" if k < 4 else self.draw.one(("REML", "DL", "EE", "ML"))
        return meta_analysis(
            self.draw.rng.normal(0, 1, k), self.draw.rng.uniform(0.01, 2, k), mods, method=method
        )

    def raw(self, measure: Any, k: int) -> dict[str, Any]:
        """Return columns that a measure takes (by its own list), or some others."""
        from review import MEASURES

        kinds = {name: kind for kind, names in RAW.items() for name in names}
        known = MEASURES.get(measure) if isinstance(measure, str) else None
        names: list[str] = list(kinds)
        if known is not None and self.draw.chance(0.95):
            names = list(self.draw.one(known.family.alternatives))
        else:
            names = [self.draw.one(names) for _ in range(4)]
        return {name: self.draw.column(k, kind=kinds.get(name, "effect")) for name in names}

    def method(self) -> None:
        """Call a method of a model."""
        fit = self.model()
        name, options = self.draw.one(METHODS)
        given = {o: self.argument("", o, len(fit.yi)) for o in options if self.draw.chance(0.4)}
        judge(self.tally, f"{fit!r}.{name}({shown(given)})", lambda: getattr(fit, name)(**given))

    def figure(self) -> None:
        """Draw a figure of a model."""
        fit = self.model()
        name = self.draw.one(tuple(self.figures))
        given: dict[str, Any] = {"subsets": 50} if name == "gosh" else {}
        if name == "labbe":
            k = len(fit.yi)
            given = {n: self.draw.column(k, kind="count") for n in ("ai", "n1i", "ci", "n2i")}
        judge(self.tally, f"{fit!r}.plot.{name}({shown(given)})",
              lambda: self.figures[name](fit, **given))  # fmt: skip


def shown(given: dict[str, Any]) -> str:
    """Return arguments as they were given, shortened."""
    np.set_printoptions(threshold=40)
    return ", ".join(f"{name}={str(value)[:160]!r}" for name, value in given.items())


def run(n: int, seed: int) -> Tally:
    """Make n calls of the public names."""
    return Calls(seed).run(n)
