"""Every number of one fit, however it was computed: from arrays, or few studies at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray
    from review.stats.pooling.batched_fit import BatchFit


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """The numbers of one fit; see `MetaResult` for their meaning.

    Attributes:
        beta, se, stat, pval, ci_lb, ci_ub: (p,). vb: (p, p).
        coef, cov: coefficients and covariance in the basis of the design.
        w: weights 1/(vi + tau2), (k,).
        ml, reml: log-likelihoods.
        ddf: degrees of freedom of the tests; infinite for z.
        changed: the test asked for is not defined.
    """

    beta: FloatArray
    se: FloatArray
    stat: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    vb: FloatArray
    coef: FloatArray
    cov: FloatArray
    w: FloatArray
    tau2: float
    se_tau2: float
    vt: float
    I2: float
    H2: float
    QE: float
    QEp: float
    QM: float
    QMp: float
    ddf: float
    s2w: float
    ml: float
    reml: float
    changed: bool
    iterations: int
    maxima: int


def numbers_of(b: BatchFit, ml: FloatArray, reml: FloatArray, at: tuple[int, ...] = ()) -> Numbers:
    """Return the numbers of one row of a batch.

    Args:
        b: the fits.
        ml: log-likelihoods, (...).
        reml: restricted log-likelihoods, (...).
        at: the row; () for a fit that is no batch.
    """

    def one(x: FloatArray) -> float:
        return float(x[at] if np.ndim(x) else x)

    return Numbers(
        beta=b.beta[at], se=b.se[at], stat=b.stat[at], pval=b.pval[at], ci_lb=b.ci_lb[at],
        ci_ub=b.ci_ub[at], vb=b.vb[at], coef=b.coef[at], cov=b.cov[at], w=b.projector.w[at],
        tau2=one(b.tau2), se_tau2=one(b.se_tau2), vt=one(b.vt), I2=one(b.I2), H2=one(b.H2),
        QE=one(b.QE), QEp=one(b.QEp), QM=one(b.QM), QMp=one(b.QMp), ddf=one(b.ddf),
        s2w=one(b.s2w), ml=one(ml), reml=one(reml),
        changed=bool(b.test_changed[at] if np.ndim(b.test_changed) else b.test_changed),
        iterations=b.iterations, maxima=int(b.maxima),
    )  # fmt: skip
