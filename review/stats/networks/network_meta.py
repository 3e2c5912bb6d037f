"""Network meta-analysis: the entry point `network_meta`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, UnknownNameError
from review.stats.ground.arguments import real
from review.stats.ground.guard import guarded
from review.stats.ground.inference import chi2_tail, fit_stats, level_percent, wald
from review.stats.networks.arm_contrasts import contrasts_given
from review.stats.networks.arm_space import TOLERANCE, arm_space
from review.stats.networks.inconsistency import designs_of
from review.stats.networks.network_fit import (
    METHODS,
    degrees,
    names_of,
    network_sample,
    network_tau2,
    q_at,
    tables,
)
from review.stats.networks.network_result import NetworkResult
from review.stats.networks.network_rows import read_network_rows
from review.stats.pooling.marginal_likelihood import log_likelihoods
from review.stats.pooling.meta_rows import choose
from review.words import plural

if TYPE_CHECKING:
    from review.stats.ground.inference import FitStats
    from review.stats.networks.arm_space import ArmSpace
    from review.stats.networks.network_rows import NetworkRows
    from review.stats.pooling.prepared_effects import Sample

FEW: Final = 5  # degrees of freedom below which tau2 says little


@guarded
def network_meta(  # noqa: PLR0917  the order in which the field gives these arguments
    te: Any,
    se: Any = None,
    treat1: Any = None,
    treat2: Any = None,
    studlab: Any = None,
    data: Any = None,
    *,
    V: Any = None,
    reference: str | None = None,
    method: str = "DL",
    level: float = 95,
    smaller_is_better: bool = False,
    measure: str | None = None,
    tolerance: float = TOLERANCE,
) -> NetworkResult:
    """Compare several treatments, directly and through each other.

    Weighted least squares on the network (Rücker 2012, Res Synth Methods 3:312), with the
    correlation of the comparisons of a study with several arms (Rücker & Schwarzer 2014, Stat Med
    33:4353) and one heterogeneity variance tau2 for all comparisons, by which two comparisons that
    share an arm are correlated by 1/2 (Higgins & Whitehead 1996, Stat Med 15:2733). The common
    effect model (tau2 = 0) is always there too, as `result.common`.

    Args:
        te: effects of treat1 against treat2 on the scale of the analysis (log ratios), (m,), a
            column name of `data`, or the result of `arm_contrasts` (then nothing more is needed).
        se: standard errors, (m,).
        treat1: treatments, (m,).
        treat2: those they are compared with, (m,).
        studlab: studies, (m,). A study with n arms gives all n (n - 1)/2 comparisons.
        data: data frame or mapping in which names are looked up.
        V: instead of se: covariance of the effects, as for `meta_analysis_mv` (see `vcalc`); a
            study with n arms then gives n - 1 comparisons that link them.
        reference: the treatment that others are compared with in `beta`; that of most studies by
            default.
        method: estimator of tau2: "DL" (generalised moments), "REML", "ML", "PM", "EB", "HE"; "EE"
            for the common effect model alone.
        level: of all intervals, per cent (95), or a fraction (0.95).
        smaller_is_better: whether low effects are desirable, for rankings.
        measure: code of the effect measure, for labels and back-transformations.
        tolerance: by how many standard errors the effects of a study with several arms may
            contradict each other; within it they are brought in line and the notes say so.

    Returns:
        The result; `summary()` prints it, `table()` gives square tables by treatment.

    Raises:
        InputError: an argument is wrong; a treatment or study has no name.
        UnknownNameError: there is no such reference, method or measure.
        StatsError: a standard error is not positive; a treatment is compared with itself; a study
            lacks a comparison or contradicts itself; the network is not connected. Messages name
            the rows.

    Example:
        >>> fit = network_meta([-0.4, -0.3, 0.2], [0.1, 0.2, 0.15], ["A", "B", "A"],
        ...                    ["C", "C", "B"], ["s1", "s2", "s3"], reference="C", method="EE")
        >>> fit.coef_names, fit.beta.round(4).tolist()
        (('A vs C', 'B vs C'), [-0.3586, -0.4655])
    """
    call = {k: v for k, v in locals().items() if k != "call"}
    method = choose("method", method, METHODS)
    level = level_percent(level)
    tolerance = real("tolerance", tolerance, least=0)
    if not isinstance(smaller_is_better, bool | np.bool_):
        raise InputError(f"smaller_is_better must be True or False, not {smaller_is_better!r}")
    given = contrasts_given(te, se, treat1, treat2, studlab, measure=measure)
    rows = read_network_rows(
        given.te, given.se, given.treat1, given.treat2, given.studlab, V=V, data=data
    )
    space = arm_space(rows, tolerance)
    df = degrees(space)
    sample = network_sample(space)
    tau2, iterations, maxima = (0.0, 0, 1) if method == "EE" else network_tau2(sample, method)
    common = tables(space, 0.0, level, df=0, model="common")
    random = None
    if method != "EE":
        random = tables(space, tau2, level, df=df, model="random")
    main = common if random is None else random
    ref, chosen = _reference(space, reference)
    others = [t for t in range(len(space.treatments)) if t != ref]
    B = np.zeros((len(others), len(space.treatments)))
    B[np.arange(len(others)), others] = 1.0
    B[:, ref] = -1.0
    vb = B @ main.cov @ B.T
    Q = q_at(space)
    beta = main.te[others, ref]
    QM, QMp = (float(x) for x in wald(beta, vb, None))
    ml, reml = _likelihoods(space, sample, tau2, q=len(others) + (method != "EE"))
    names = tuple(names_of(space.treatments, t, ref) for t in others)
    pi_lb, pi_ub = main.pi_lb, main.pi_ub
    return NetworkResult(
        beta=beta, se=main.se[others, ref], stat=main.stat[others, ref],
        pval=main.pval[others, ref], ci_lb=main.ci_lb[others, ref], ci_ub=main.ci_ub[others, ref],
        pi_lb=None if pi_lb is None else pi_lb[others, ref],
        pi_ub=None if pi_ub is None else pi_ub[others, ref],
        vb=vb, coef_names=names, treatments=space.treatments, reference=space.treatments[ref],
        common=common, random=random, tau2=tau2, I2=100 * (Q - df) / Q if Q > df > 0 else 0.0,
        H2=Q / df if df > 0 else 1.0, Q=Q, df=df, Qp=float(chi2_tail(Q, df)), QM=QM, QMp=QMp,
        k=len(space.studies), m=len(space.pairs.te), n=len(space.treatments),
        d=len(designs_of(space)), fit_ml=ml, fit_reml=reml, method=method, level=level,
        smaller_is_better=bool(smaller_is_better), measure=given.measure, transf=given.transf,
        persons=dict(given.persons), left_out=(*given.left_out, *rows.left_out),
        notes=(*given.notes, *_notes(space, rows, method, tau2, maxima=maxima, chosen=chosen)),
        iterations=iterations, space=space, call=call,
    )  # fmt: skip


def _reference(space: ArmSpace, reference: str | None) -> tuple[int, str]:
    """Number of the reference treatment, and why it was chosen."""
    names = space.treatments
    if reference is not None:
        if str(reference) not in names:
            raise UnknownNameError("treatment", str(reference), names, where="for reference")
        return names.index(str(reference)), ""
    counts = np.bincount(np.concatenate([np.array(a) for a in space.arms]), minlength=len(names))
    best = int(counts.argmax())
    return best, (
        f"{names[best]} is the reference, since it is in most studies ({counts[best]} of "
        f"{len(space.studies)}); reference= chooses another"
    )


def _likelihoods(
    space: ArmSpace, sample: Sample, tau2: float, q: int
) -> tuple[FitStats, FitStats | None]:
    """Log-likelihoods at tau2, as densities of n - 1 comparisons with one arm of each study.

    The rows of a study are sqrt(2) times an orthonormal turn of its arms; in terms of comparisons
    with one arm that changes the density by 2^((n-1)/2) / sqrt(n). REML is in an orthonormal basis
    of the design, as everywhere.
    """
    P = sample.projector(np.asarray(tau2))
    ml, reml = (float(x) for x in log_likelihoods(sample, np.asarray(tau2), P,
                                                  P.quadratic(sample.y)))  # fmt: skip
    sizes = np.array([len(a) for a in space.arms], dtype=float)
    change = float((0.5 * (sizes - 1) * np.log(2.0) - 0.5 * np.log(sizes)).sum())
    k, df = len(space.v), degrees(space)
    return fit_stats(ml + change, q, k), fit_stats(reml + change, q, df) if df > 0 else None


def _notes(
    space: ArmSpace, rows: NetworkRows, method: str, tau2: float, *, maxima: int, chosen: str
) -> list[str]:
    df = degrees(space)
    notes = [*rows.notes, *space.notes]
    if chosen:
        notes.append(chosen)
    several = sum(len(a) > 2 for a in space.arms)
    if several:
        verb = "has" if several == 1 else "have"
        notes.append(
            f"{plural(several, 'study')} {verb} more than two arms; the correlation of their "
            "comparisons is allowed for"
        )
    if df == 0:
        notes.append(
            "the comparisons leave no degrees of freedom: heterogeneity and inconsistency cannot "
            "be seen, tau2 is taken as 0, and there are no prediction intervals"
        )
    elif method != "EE":
        if df < FEW:
            notes.append(f"tau2 rests on {plural(df, 'degree')} of freedom and is hardly known")
        if tau2 == 0:
            notes.append(
                "tau2 is estimated as 0: the random effects model equals the common effect model, "
                "which does not show that the studies are alike"
            )
    if method == "EE":
        notes.append("the common effect model assumes that all studies of a comparison share one "
                     "effect")  # fmt: skip
    if maxima > 1:
        notes.append(f"the likelihood has {maxima} maxima; the highest is reported")
    return notes
