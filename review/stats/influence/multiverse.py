"""The multiverse of a meta-analysis: every combination of choices that a reader might ask for."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.ground.arguments import real, values_of
from review.stats.ground.guard import guarded
from review.stats.ground.inference import TESTS, two_sided
from review.stats.ground.result_kit import Record
from review.stats.pooling.batched_fit import fit_batch
from review.stats.pooling.meta_rows import choose
from review.stats.pooling.tau2 import EQUAL_EFFECTS, METHODS
from review.words import count, listed, number, percent, plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from review.stats.ground.least_squares import BoolArray, FloatArray
    from review.stats.influence.multiverse_decisions import MultiverseDecisions
    from review.stats.pooling.meta_result import MetaResult

USUAL: Final = ("EE", "DL", "PM", "REML")
ALL: Final = "nothing"
ONE: Final = "one study"
OUTLIERS: Final = "outliers"
OUTLYING: Final = 1.96  # of studentised residuals (Viechtbauer & Cheung 2010, section 3)
MOST: Final = 2_000  # studies that are left out one by one
CELLS: Final = 4_000_000  # numbers in memory at a time
SKIPPED: Final = ("GENQ", "GENQM")  # need weights of their own
CONCLUSIONS: Final = ("below", "not distinguished", "above")
NUMBERS: Final = ("k", "beta", "se", "pval", "ci_lb", "ci_ub", "tau2", "I2")


@dataclass(frozen=True)
class Exclusion:
    """Studies that are left out together.

    Attributes:
        kind: what stands for it in the list of decisions, such as "one study".
        name: of this one, such as "one study: Smith 2001".
        keep: studies that stay, (k,).
    """

    kind: str
    name: str
    keep: BoolArray


@dataclass(frozen=True, eq=False)
class Multiverse(Record):
    """One fit per specification: estimator, test, and studies left out; arrays (n,).

    Attributes:
        method, test: codes of estimator and test. without: what is left out, "" for nothing.
        kind: the same in groups ("one study" for each single one).
        k, beta, se, pval, ci_lb, ci_ub, tau2, I2: of the fits; `pval` is about the effect `null`.
        conclusion: "above" or "below" where the interval lies beyond `null`, else "not
            distinguished".
        reference: position of the specification that was reported.
        null: the effect that intervals are compared with. level: of the intervals, per cent.
        slab: studies of the model. transf: back-transformation of its measure.
        notes: who is left out together, and what was not possible.
    """

    method: tuple[str, ...]
    test: tuple[str, ...]
    without: tuple[str, ...]
    kind: tuple[str, ...]
    k: FloatArray
    beta: FloatArray
    se: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    tau2: FloatArray
    I2: FloatArray
    conclusion: tuple[str, ...]
    reference: int
    null: float
    level: float
    slab: tuple[str, ...]
    transf: str
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Number of specifications."""
        return len(self.beta)

    @property
    def model(self) -> tuple[str, ...]:
        """Whether each assumes equal or random effects."""
        return tuple("equal effects" if m in EQUAL_EFFECTS else "random effects"
                     for m in self.method)  # fmt: skip

    @property
    def changed(self) -> BoolArray:
        """Specifications whose conclusion is another than that of the reported one, (n,)."""
        own = self.conclusion[self.reference]
        return np.array([conclusion != own for conclusion in self.conclusion])

    @property
    def share_changed(self) -> float:
        """Per cent of the specifications with another conclusion."""
        return 100 * float(self.changed.mean())

    @property
    def decisions(self) -> MultiverseDecisions:
        """What each choice does: by itself, and over all others."""
        from review.stats.influence.multiverse_decisions import decisions_of

        return decisions_of(self)

    @property
    def title(self) -> str:
        """First line of the summary."""
        same = int((~self.changed).sum())
        return (
            f"Multiverse of {plural(self.n, 'specification')}: {count(same)} "
            f"({percent(100 - self.share_changed)}) lead to the conclusion of the reported one "
            f"({self.said()}); estimates from {number(float(self.beta.min()))} to "
            f"{number(float(self.beta.max()))}"
        )

    def said(self) -> str:
        """What the reported specification concludes, in words."""
        conclusion = self.conclusion[self.reference]
        scale = "" if self.transf in {"", "identity"} else " on the scale of the analysis"
        if conclusion == "not distinguished":
            return f"the interval includes {self.null:g}{scale}"
        return f"the interval lies {conclusion} {self.null:g}{scale}"

    @property
    def conventions(self) -> None:
        """No version of a reference is followed."""

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "specification", tuple(str(i + 1) for i in range(self.n))

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        words = {"model": self.model, "method": self.method, "test": self.test,
                 "without": self.without}  # fmt: skip
        numbers = {name: getattr(self, name) for name in NUMBERS}
        return words | numbers | {"conclusion": self.conclusion, "changed": self.changed}

    def to_frame(self, what: str = "specifications") -> pd.DataFrame:
        """Return a table: "specifications" or "decisions"."""
        if choose("table", what, ("specifications", "decisions")) == "decisions":
            return self.decisions.to_frame()
        return super().to_frame()

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers as plain values for JSON."""
        return super().to_dict() | {
            "title": self.title, "share_changed": self.share_changed,
            "decisions": self.decisions.to_dict(),
        }  # fmt: skip

    def summary(self) -> str:
        """Return title, decisions and notes as text; the table holds every specification."""
        lines = [self.title, "", *self.decisions.summary().splitlines()[2:]]
        return "\n".join([*lines, *(["", *self.notes] if self.notes else [])])


@guarded
def multiverse(
    result: MetaResult,
    *,
    methods: Sequence[str] = USUAL,
    tests: Sequence[str] = TESTS,
    each_study: bool = True,
    outliers: bool = True,
    converted: bool = True,
    flags: Mapping[str, Any] | None = None,
    null: float = 0.0,
) -> Multiverse:
    """Fit a meta-analysis in all combinations of estimator, test and studies left out.

    Which of these choices changes the conclusion (Steegen et al. 2016, Perspect Psychol Sci
    11:702; for meta-analyses Voracek, Kossmeier & Tran 2019, Z Psychol 227:64). All fits of one
    estimator and test are one batch.

    Args:
        result: a meta-analysis without moderators; its own estimator and test are among the
            choices.
        methods: estimators of tau2; equal-effects models are combined with "z" alone.
        tests: of the average.
        each_study: leave out each study.
        outliers: leave out all studies with a studentised residual beyond 1.96.
        converted: leave out the studies whose effect was converted, and those whose conversion
            depends on an assumption.
        flags: further groups to leave out, such as {"high risk of bias": [...]}: one truth value
            per study of the model, or per row of its input.
        null: the effect that intervals are compared with, on the scale of the analysis.

    Raises:
        StatsError: the model has moderators or fewer than 2 studies.
        InputError: an argument is wrong.

    Example:
        >>> from review import meta_analysis
        >>> fit = meta_analysis([0.1, 0.9, 0.4, 0.3], [0.04, 0.09, 0.05, 0.02])
        >>> found = multiverse(fit, methods=["DL", "REML"], tests=["z", "knha"])
        >>> found.n, int(found.changed.sum())
        (24, 9)
    """
    if not result.intercept_only:
        raise StatsError("a multiverse is about a meta-analysis without moderators")
    if result.k < 2:
        raise StatsError("a multiverse needs at least 2 studies")
    null = real("null", null, least=-1e75, most=1e75)
    ways = _ways(result, methods, tests)
    groups, notes = _exclusions(
        result, each_study=each_study, outliers=outliers, converted=converted, flags=flags or {}
    )
    parts: dict[str, list[FloatArray]] = {name: [] for name in NUMBERS}
    step = max(1, CELLS // result.k)
    for (method, test), start in product(ways, range(0, len(groups), step)):
        keep = np.array([group.keep for group in groups[start : start + step]])
        for name, values in _fits(result, method, test, keep, null).items():
            parts[name].append(values)
    columns = {name: np.concatenate(parts[name]) for name in NUMBERS}
    named = [(method, test, group) for (method, test), group in product(ways, groups)]
    return _collected(result, named, columns, null, notes)


def _collected(
    result: MetaResult,
    named: list[tuple[str, str, Exclusion]],
    columns: dict[str, FloatArray],
    null: float,
    notes: list[str],
) -> Multiverse:
    good = np.isfinite(columns["beta"]) & np.isfinite(columns["ci_lb"])
    if not good.all():
        notes.append(f"{plural(int((~good).sum()), 'specification')} could not be fitted")
    kept = [item for item, ok in zip(named, good.tolist(), strict=True) if ok]
    columns = {name: x[good] for name, x in columns.items()}
    side = (columns["ci_lb"] > null).astype(int) - (columns["ci_ub"] < null).astype(int)
    reference = next(
        i for i, (method, test, group) in enumerate(kept)
        if (method, test, group.kind) == (result.method, result.test, ALL)
    )  # fmt: skip
    return Multiverse(
        method=tuple(m for m, _, _ in kept), test=tuple(t for _, t, _ in kept),
        without=tuple("" if g.kind == ALL else g.name for _, _, g in kept),
        kind=tuple(g.kind for _, _, g in kept), **columns,
        conclusion=tuple(CONCLUSIONS[s + 1] for s in side.tolist()), reference=reference,
        null=null, level=result.level, slab=result.slab,
        transf=result.transf, notes=tuple(notes),
    )  # fmt: skip


def _fits(
    result: MetaResult, method: str, test: str, keep: BoolArray, null: float
) -> dict[str, FloatArray]:
    """Numbers of the fits to subsets of the studies, (B, k), in one batch."""
    own = result.tau2_fixed and method == result.method
    fit = fit_batch(
        result.yi, result.vi, mask=keep, method=method, test=test, level=result.level,
        tau2=result.tau2 if own else None, weights=result.case_weights,
    )  # fmt: skip
    out = {
        name: np.asarray(getattr(fit, name), dtype=np.float64).reshape(len(keep), -1)[:, 0]
        for name in NUMBERS
    }
    if null != 0:
        ddf = np.broadcast_to(np.asarray(fit.ddf, dtype=np.float64), len(keep))
        out["pval"] = two_sided((out["beta"] - null) / out["se"], ddf)
    return out


def _ways(
    result: MetaResult, methods: Sequence[str], tests: Sequence[str]
) -> list[tuple[str, str]]:
    """Pairs of estimator and test, that of the model among them."""
    if isinstance(methods, str) or isinstance(tests, str):
        raise InputError("methods and tests are lists, such as methods=['DL', 'REML']")
    named = [choose("method", m, METHODS) for m in methods]
    if bad := [m for m in named if m in SKIPPED]:
        raise InputError(f"{listed(bad)} need weights of their own and are not compared here")
    tried = [choose("test", t, TESTS) for t in tests]
    ways = [(m, t) for m in named for t in tried if (t == "z" or m not in EQUAL_EFFECTS)]
    ways += [(m, "z") for m in named if m in EQUAL_EFFECTS and "z" not in tried]
    return list(dict.fromkeys([*ways, (result.method, result.test)]))


def _exclusions(
    result: MetaResult,
    *,
    each_study: bool,
    outliers: bool,
    converted: bool,
    flags: Mapping[str, Any],
) -> tuple[list[Exclusion], list[str]]:
    """What is left out, one after the other; a group of no study, or of almost all, is none."""
    k = result.k
    found = [Exclusion(ALL, ALL, np.ones(k, dtype=bool))]
    notes: list[str] = []
    if each_study and k > MOST:
        notes.append(f"with more than {count(MOST)} studies, single ones are not left out")
    elif each_study and k > 2:
        single = ~np.eye(k, dtype=bool)
        found += [
            Exclusion(ONE, f"{ONE}: {name}", keep)
            for name, keep in zip(result.slab, single, strict=True)
        ]
    groups: dict[str, BoolArray] = {}
    if outliers and k > 3:
        from review.stats.influence.residuals import rstudent

        z = rstudent(result).z
        groups[OUTLIERS] = np.abs(np.nan_to_num(z)) > OUTLYING
    if converted and result.conversions:
        rows = {c.row - 1 for c in result.conversions}
        assumed = {c.row - 1 for c in result.conversions if c.approximate}
        groups["converted"] = np.isin(result.ids, sorted(rows))
        groups["approximately converted"] = np.isin(result.ids, sorted(assumed))
    groups |= {str(name): _flag(result, str(name), given) for name, given in flags.items()}
    seen: dict[bytes, str] = {}
    for name, out in groups.items():
        if not out.any():
            continue
        if out.sum() > k - 2:
            notes.append(f"without {name} fewer than 2 studies are left")
            continue
        same = seen.setdefault(out.tobytes(), name)
        who = listed(np.array(result.slab, dtype=object)[out], most=8)
        notes.append(f"{name}: {who}" + ("" if same == name else f" (the same as {same})"))
        if same == name:
            found.append(Exclusion(name, name, ~out))
    return found, notes


def _flag(result: MetaResult, name: str, given: Any) -> BoolArray:
    """Which studies of the model a flag is set for."""
    values = [bool(x) if x is not None and x == x else False for x in values_of(name, given)]  # noqa: PLR0124  NaN
    if len(values) == result.k:
        return np.array(values)
    if len(values) > int(result.ids.max()):
        return np.array(values)[result.ids]
    raise InputError(
        f"the flag {name!r} has {len(values)} values; it takes one per study of the model "
        f"({result.k}), or one per row of its input"
    )
