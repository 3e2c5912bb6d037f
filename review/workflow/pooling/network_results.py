"""Networks from a review's results: what a study compares on the same data, arm by arm.

Results of one study are arms of one comparison when data set, type and description are the same but
for the network that they name. All arms are measured on the same cases, so that their errors are
correlated; studies do not report by how much, and the correlation is an assumption that is varied.
"""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError, UnknownNameError
from review.models.backbones import named_in, names_pattern
from review.stats.ground.arguments import real
from review.stats.networks.arm_contrasts import ArmContrasts
from review.stats.pooling.meta_analysis import INDEPENDENT
from review.words import plural
from review.workflow.pooling.meta_effects import effects_of
from review.workflow.pooling.network_input import NetworkInput
from review.workflow.pooling.pooled_rows import from_review

if TYPE_CHECKING:
    from collections.abc import Mapping

    from review.project import Review
    from review.workflow.pooling.pooled_rows import MetaInput

RHO: Final = 0.5
OTHERS: Final = (0.0, 0.3, 0.5, 0.7, 0.9)


def network_of_results(
    review: Review,
    outcome: str,
    *,
    role: str | None = "comparison",
    measure: str | None = None,
    by: str | None = None,
    rho: float | None = None,
    options: Mapping[str, Any] | None = None,
) -> NetworkInput:
    """Return the network of what the studies of a review compare.

    Args:
        review: its results are used.
        outcome: their metric, such as accuracy.
        role: of the results; None for all.
        measure: of single results, see `from_review`.
        by: the column with the treatments; by default the network that `model` names, or else its
            text.
        rho: assumed correlation of the errors of the arms of a study (0.5).
        options: further arguments of `review.effect_size`.

    Raises:
        InputError, UnknownNameError: see `from_review`; no such column; no study has two arms.
    """
    rho = RHO if rho is None else real("rho", rho, least=0, most=0.99)
    rows = from_review(review, outcome, role=role, measure=measure)
    effects, _ = effects_of(rows, dict(options or {}), None)
    if effects is None:
        y = np.asarray(rows.columns["yi"], dtype=float)
        v = np.asarray(rows.columns.get("vi", np.nan), dtype=float)
        if "sei" in rows.columns:
            v = np.asarray(rows.columns["sei"], dtype=float) ** 2
        transf = "identity"
    else:
        y, v, transf = effects.yi, effects.vi, effects.transf
    left_out = [*rows.left_out]
    groups = _groups(rows, y, v, by, left_out)
    if not groups:
        raise InputError(
            f"no study of {review.name} reports {outcome} of two or more networks on the same data "
            f"with what its sampling error needs ({plural(len(left_out), 'result')} left out"
            + (f": {left_out[0][0]}: {left_out[0][1]})" if left_out else ")")
        )
    measured = rows.measure or ""
    made = {
        r: _contrasts(groups, y, v, r, logits=transf == "expit") for r in sorted({rho, *OTHERS})
    }
    notes = [n for n in rows.notes if INDEPENDENT not in n]
    notes.append(
        f"the arms of a study were measured on the same cases; their errors are assumed to be "
        f"correlated by rho = {rho:g}, which no study reports"
    )
    shared = [s for s, count in _counts(groups).items() if count > 1]
    if shared:
        notes.append(
            f"{', '.join(shared)} compare networks in several settings, which are taken as studies "
            "of their own"
        )
    return NetworkInput(
        title=f"{review.settings.title}: {rows.outcome}, networks compared on the same data",
        source=rows.source, made=made[rho], measure=measured, rho=rho,
        other_rho={r: made[r] for r in sorted(made) if r != rho}, left_out=left_out, notes=notes,
    )  # fmt: skip


Groups = dict[tuple[str, str], dict[str, int]]  # (study, setting) -> treatment -> row


def _groups(
    rows: MetaInput, y: Any, v: Any, by: str | None, left_out: list[tuple[str, str]]
) -> Groups:
    """Rows that are arms of one comparison; those that are not go to `left_out`."""
    if by is not None and by not in rows.data:
        raise UnknownNameError("column", by, list(rows.data), where="with the treatments")
    found: dict[tuple[str, str], dict[str, list[int]]] = {}
    for i in range(len(y)):
        if not (np.isfinite(y[i]) and v[i] > 0):
            left_out.append((rows.labels[i], "no effect with a sampling error"))
            continue
        setting, treatment = _place(rows, i, by)
        if not treatment:
            left_out.append((rows.labels[i], f"{by or 'model'} names no treatment"))
            continue
        arms = found.setdefault((str(rows.data["study_id"][i]), setting), {})
        arms.setdefault(treatment, []).append(i)
    groups: Groups = {}
    for key, arms in found.items():
        once = {t: at[0] for t, at in arms.items() if len(at) == 1}
        for t, at in arms.items():
            if len(at) > 1:
                left_out += [
                    (rows.labels[i], f"{t} is reported {len(at)} times under one description")
                    for i in at
                ]
        if len(once) > 1:
            groups[key] = once
        else:
            left_out += [
                (rows.labels[i], "nothing to compare it with on the same data")
                for i in once.values()
            ]
    return groups


def _place(rows: MetaInput, i: int, by: str | None) -> tuple[str, str]:
    """What arms of one comparison share, and the treatment of a row."""
    setting = _plain(rows.data.get("dataset", [None] * (i + 1))[i])
    if by is not None:
        value = rows.data[by][i]
        return setting, "" if value is None else str(value)
    text = str(rows.data["model"][i] or "")
    named = named_in(text)
    kind = _plain(rows.data.get("tl_type", [None] * (i + 1))[i])
    if len(named) == 1:
        return f"{setting}|{kind}|{_plain(names_pattern().sub('', text))}", named[0]
    return f"{setting}|{kind}|", text


def _plain(value: Any) -> str:
    return "" if value is None else re.sub(r"\W+", " ", str(value).casefold()).strip()


def _counts(groups: Groups) -> dict[str, int]:
    out: dict[str, int] = {}
    for study, _ in groups:
        out[study] = out.get(study, 0) + 1
    return out


def _contrasts(groups: Groups, y: Any, v: Any, rho: float, *, logits: bool) -> ArmContrasts:
    """All comparisons within studies, errors of arms correlated by rho."""
    te, se, first, second, studies = [], [], [], [], []
    counts, seen = _counts(groups), dict.fromkeys((s for s, _ in groups), 0)
    for (study, _), arms in groups.items():
        seen[study] += 1
        label = study if counts[study] == 1 else f"{study} ({seen[study]})"
        for a, b in combinations(sorted(arms), 2):
            i, j = arms[a], arms[b]
            te.append(float(y[i] - y[j]))
            # rho < 1, so that this is above 0
            se.append(float(np.sqrt(v[i] + v[j] - 2 * rho * np.sqrt(v[i] * v[j]))))
            first.append(a)
            second.append(b)
            studies.append(label)
    if not all(x > 0 for x in se):
        raise StatsError("arms of a study have no sampling error between them")
    # a difference of logits is a log odds ratio; the measure itself is about single arms
    return ArmContrasts(
        np.array(te), np.array(se), tuple(first), tuple(second), tuple(studies),
        "OR" if logits else "", "exp" if logits else "identity",
    )  # fmt: skip
