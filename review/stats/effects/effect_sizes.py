"""The result of `effect_size`: effects, their variances and how they were made."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from review.stats.effects.row_account import LeftOut
from review.stats.effects.transforms import back_transform
from review.stats.ground.conventions import named
from review.stats.ground.inference import level_percent, normal_quantile
from review.words import bracketed, level_name, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from review.stats.effects.conversion import Conversion
    from review.stats.effects.measure import FloatArray

SHOWN = 20  # rows of a printed summary


@dataclass(frozen=True, eq=False)
class EffectSizes:
    """Observed effects of k studies.

    Unpacks into effects and variances: `yi, vi = effect_size(...)`.

    Attributes:
        yi: effects on the scale of the analysis, shape (k,), aligned with the input; NaN for a
            row left out.
        vi: sampling variances, shape (k,).
        measure: code of the measure.
        ni: total size of each study (persons; person-time for rates), shape (k,).
        slab: labels, or None.
        left_out: rows without an effect, with the reason.
        notes: remarks on rows that were used but deserve a look.
        settings: measure, add, to, drop00, vtype, convention, scale as they were used.
        transf: name of the back-transformation for a pooled value.
        conversions: what was done to numbers before an effect could be computed, by row.
    """

    GAPS: ClassVar = {"ni": "NaN: not stated"}

    yi: FloatArray
    vi: FloatArray
    measure: str
    ni: FloatArray
    slab: tuple[str, ...] | None = None
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    label: str = ""
    transf: str = "identity"
    conversions: tuple[Conversion, ...] = ()

    def __len__(self) -> int:
        return len(self.yi)

    @property
    def conventions(self) -> str | None:
        """The version of the reference whose formulas were used; None for areas under a curve."""
        if self.measure in {"AUC", "LOGITAUC"}:
            return None
        return named(self.settings.get("convention", "default"))

    def __iter__(self) -> Iterator[FloatArray]:
        yield self.yi
        yield self.vi

    def __repr__(self) -> str:
        return f"EffectSizes({self.measure}, k={self.k}, left out={len(self.left_out)})"

    @property
    def k(self) -> int:
        """Number of rows with an effect."""
        return int(np.isfinite(self.yi).sum())

    @property
    def sei(self) -> FloatArray:
        """Standard errors, shape (k,)."""
        return np.sqrt(self.vi)

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels; the row numbers when none were given."""
        return self.slab or tuple(str(i + 1) for i in range(len(self)))

    def confidence_intervals(self, level: float = 95) -> tuple[FloatArray, FloatArray]:
        """Wald intervals of the single studies on the scale of the analysis.

        Args:
            level: per cent.

        Returns:
            Lower and upper limits, shape (k,) each.
        """
        half = normal_quantile(level) * self.sei
        return self.yi - half, self.yi + half

    def back_transformed(self, values: FloatArray | None = None) -> FloatArray:
        """Effects (or other values, one per study) on the scale of the outcome.

        Measures whose inverse depends on the study size use each study's own size.
        """
        x = self.yi if values is None else values
        per_study = self.transf.removesuffix("_hm")
        return np.asarray(back_transform(x, transf=per_study, ni=self.ni, ti=self.ni))

    def to_frame(
        self, level: float = 95, transf: str | Callable[[FloatArray], Any] | None = None
    ) -> pd.DataFrame:
        """Return one row per study: slab, yi, vi, sei, zi, pval, ci_lb, ci_ub, ni, left_out.

        Args:
            level: of the intervals, per cent.
            transf: brings yi, ci_lb and ci_ub to another scale: a name of `TRANSFORMS`, a
                function, or "back" for the measure's own.
        """
        import pandas as pd
        from scipy.special import ndtr

        with np.errstate(all="ignore"):
            z = self.yi / self.sei
        low, high = self.confidence_intervals(level)
        reason = {row.row - 1: row.reason for row in self.left_out}
        shown = {"yi": self.yi, "ci_lb": low, "ci_ub": high}
        if isinstance(transf, str) and transf == "back":
            shown = {name: self.back_transformed(x) for name, x in shown.items()}
        elif transf is not None:
            shown = {
                name: np.asarray(back_transform(x, transf=transf, ni=self.ni, ti=self.ni))
                for name, x in shown.items()
            }
        return pd.DataFrame(
            {
                "slab": list(self.labels),
                "yi": shown["yi"],
                "vi": self.vi,
                "sei": self.sei,
                "zi": z,
                "pval": 2 * ndtr(-np.abs(z)),
                "ci_lb": shown["ci_lb"],
                "ci_ub": shown["ci_ub"],
                "ni": self.ni,
                "left_out": [reason.get(i, "") for i in range(len(self))],
            }
        )

    def without_converted(self, *, only_approximate: bool = False) -> EffectSizes:
        """Return the effects without those that rest on a conversion, for a sensitivity analysis.

        Args:
            only_approximate: leave out only rows whose conversion depends on an assumption (means
                from medians, a standard error from a p-value, an assumed correlation).

        Example:
            >>> from review import effect_size
            >>> es = effect_size("MD", est=[1.0, 2.0], se=[0.5, None], pval=[None, 0.04])
            >>> es.without_converted(only_approximate=True).k
            1
        """
        reasons: dict[int, str] = {}
        for c in self.conversions:
            if c.approximate or not only_approximate:
                reasons.setdefault(c.row - 1, f"converted: {c.method}")
        yi, vi = self.yi.copy(), self.vi.copy()
        rows = list(reasons)
        yi[rows], vi[rows] = np.nan, np.nan
        yi.setflags(write=False)
        vi.setflags(write=False)
        added = [LeftOut(i + 1, self.labels[i], why) for i, why in reasons.items()]
        left_out = sorted([*self.left_out, *added], key=lambda row: row.row)
        kept = tuple(c for c in self.conversions if c.row - 1 not in reasons)
        return replace(self, yi=yi, vi=vi, left_out=tuple(left_out), conversions=kept)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain lists and numbers (None for a missing number)."""

        def plain(values: FloatArray) -> list[float | None]:
            return [v if np.isfinite(v) else None for v in values.tolist()]

        return {
            "measure": self.measure,
            "label": self.label,
            "k": self.k,
            "yi": plain(self.yi),
            "vi": plain(self.vi),
            "ni": plain(self.ni),
            "slab": list(self.labels),
            "left_out": [{"row": r.row, "slab": r.slab, "reason": r.reason} for r in self.left_out],
            "notes": list(self.notes),
            "settings": dict(self.settings),
            "conversions": [c.to_dict() for c in self.conversions],
            "transf": self.transf,
            "conventions": self.conventions,
        }

    def summary(self, level: float = 95) -> str:
        """Return a printable table of the effects, with the rows left out and the notes."""
        options = ", ".join(f"{name} {value}" for name, value in self.settings.items())
        lines = [f"{self.label} ({self.measure}), {self.k} of {len(self)} studies; {options}"]
        low, high = self.confidence_intervals(level)
        width = max(5, *(len(s) for s in self.labels[:SHOWN]))
        ci = f"{level_name(level_percent(level))} CI"
        lines.append(f"{'study':<{width}} {'yi':>10} {'vi':>10} {ci:>22}")
        for i, name in enumerate(self.labels[:SHOWN]):
            if np.isnan(self.yi[i]):
                lines.append(f"{name:<{width}} {'left out':>10}")
                continue
            interval = bracketed(low[i], high[i])
            yi, vi = number(self.yi[i]), number(self.vi[i])
            lines.append(f"{name:<{width}} {yi:>10} {vi:>10} {interval:>22}")
        if len(self) > SHOWN:
            lines.append(f"... and {len(self) - SHOWN} more studies")
        lines += [f"left out: {row}" for row in self.left_out[:SHOWN]]
        if len(self.left_out) > SHOWN:
            lines.append(f"... and {len(self.left_out) - SHOWN} more left out")
        lines += [f"converted: {c}" for c in self.conversions[:SHOWN]]
        if len(self.conversions) > SHOWN:
            lines.append(f"... and {len(self.conversions) - SHOWN} more conversions")
        lines += [f"note: {text}" for text in self.notes]
        if self.conventions is not None:
            lines.append(f"Conventions: {self.conventions}")
        return "\n".join(lines)
