"""Which estimator serves which data: from checked studies to coefficients and covariance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from review.errors import InputError, StatsError
from review.stats.accuracy.bivariate_exact import fit_exact
from review.stats.accuracy.bivariate_kernel import likelihood, make_bivariate
from review.stats.accuracy.bivariate_normal import (
    CovarianceFit,
    fit_normal,
    moment_psi,
    starts,
    typical_variances,
    unprofiled,
)
from review.stats.accuracy.joint_covariance import JointCovariance
from review.stats.accuracy.joint_normal import JointFit, fit_joint_normal, joint_likelihood
from review.stats.accuracy.psi_factor import STRUCTURES, at_edge
from review.stats.accuracy.study_blocks import binomial_blocks, joint_sample

if TYPE_CHECKING:
    from review.stats.accuracy.accuracy_data import AccuracyData
    from review.stats.accuracy.bivariate_kernel import BivariateSample
    from review.stats.accuracy.joint_normal import JointSample
    from review.stats.accuracy.study_blocks import StudyBlocks
    from review.stats.ground.design_matrix import Design
    from review.stats.ground.least_squares import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class Fitted:
    """Estimates with what criteria and heterogeneity are computed from.

    Attributes:
        estimate: coefficients and covariance.
        ml, reml: log-likelihoods (exact: of the counts, and NaN).
        QE: weighted residual sum of squares of the logits without random effects.
        vb_fixed, vb_random: covariances of the coefficients of the normal model without and with
            random effects, (p, p).
        log_gram: log|X'X|. n: number of shares. log_jacobian: sum of log(1 / (p (1 - p))).
    """

    estimate: CovarianceFit
    ml: float
    reml: float
    QE: float
    vb_fixed: FloatArray
    vb_random: FloatArray
    log_gram: float
    n: int
    log_jacobian: float


def fit_model(
    rows: AccuracyData, X: FloatArray, blocks: StudyBlocks, *, method: str, structure: str, nodes:
        int
) -> Fitted:  # fmt: skip
    """Estimate the bivariate model.

    Args:
        rows: the studies.
        X: design, (2, k, p).
        blocks: which rows belong to one study.
        method: "REML", "ML", "MM" or "exact".
        structure: "UN" or "DIAG".
        nodes: of the quadrature.

    Raises:
        InputError: moments or quadrature with several rows per study.
        ConvergenceError: no maximum was found.
    """
    exact = method == "exact"
    on = rows.counted if exact else rows.on
    y, v = start_logits(rows) if exact else (rows.y, rows.v)
    sample = make_bivariate(y, v, X, on)
    if blocks.single and not exact:
        return _plain(sample, method, structure)
    if not blocks.single and (method == "MM" or nodes > 1):
        what = "method='MM'" if method == "MM" else f"nodes={nodes}"
        raise InputError(f"{what} needs one row per study, but a study has {blocks.R}")
    covariance = JointCovariance((blocks.of_study(diagonal=structure == "DIAG"),))
    scale = typical_variances(sample)
    begin = starts(moment_psi(sample), scale)[:, list(STRUCTURES[structure])]
    joint = joint_sample(blocks, y, v, on, X)
    if exact:
        check_counts(rows)
        found, information = fit_exact(
            binomial_blocks(blocks, rows, X), covariance, sample.shift, begin, nodes=nodes
        )
        inverse = _safe_inverse(information)
    else:
        found = fit_joint_normal(joint, covariance, begin, restricted=method == "REML")
        at = joint_likelihood(joint, covariance, found.theta[None], restricted=method == "REML")
        inverse = _safe_inverse(-at.hess[0])
        if inverse is not None:
            inverse = unprofiled(at.vb[0], at.cross[0], -at.hess[0])
    return _joint(found, inverse, joint, covariance, scale, sample=sample, structure=structure)


def _plain(sample: BivariateSample, method: str, structure: str) -> Fitted:
    found = fit_normal(sample, method, structure)
    # without and with differences between studies
    at = likelihood(sample, np.stack([np.zeros(3), found.psi]), restricted=False)
    return Fitted(
        found, float(at.ml[1]), float(at.reml[1]), float(at.rss[0]), at.vb[0], at.vb[1],
        sample.log_gram, sample.n, _log_jacobian(sample),
    )  # fmt: skip


def _joint(
    found: JointFit,
    inverse: FloatArray | None,
    joint: JointSample,
    covariance: JointCovariance,
    scale: FloatArray,
    *,
    sample: BivariateSample,
    structure: str,
) -> Fitted:
    """Bring the fit of a joint model into the form of a bivariate one."""
    M = found.matrices[0]
    psi, rho, singular = at_edge(np.array([M[0, 0], M[1, 0], M[1, 1]]), scale)
    theta = found.theta[None]
    cov = None
    if inverse is not None and not singular:
        p = len(found.beta)
        J = np.zeros((p + 3, p + theta.shape[1]))
        J[:p, :p] = np.eye(p)
        J[p:, p:] = covariance.jacobian(theta)[0]
        cov = J @ inverse @ J.T
    estimate = CovarianceFit(
        found.beta, found.vb, psi, 0.0 if structure == "DIAG" else rho, singular, cov,
        found.value, found.iterations, found.maxima,
    )  # fmt: skip
    none = np.zeros_like(theta)
    fixed = joint_likelihood(joint, covariance, none, restricted=False)
    random = joint_likelihood(joint, covariance, theta, restricted=False)
    r = (joint.y - joint.X @ fixed.beta[0]) * joint.on
    QE = float((r * np.linalg.solve(joint.S, r[..., None])[..., 0]).sum())
    return Fitted(
        estimate, found.ml, found.reml, QE, fixed.vb[0], random.vb[0], sample.log_gram, sample.n,
        _log_jacobian(sample),
    )  # fmt: skip


def _safe_inverse(information: FloatArray) -> FloatArray | None:
    """Inverse of an information matrix, None where it is singular."""
    values = np.linalg.eigvalsh(information)
    if values.min() <= 1e-9 * values.max():
        return None
    return np.asarray(np.linalg.inv(information), dtype=np.float64)


def start_logits(rows: AccuracyData) -> tuple[FloatArray, FloatArray]:
    """Logits and variances with 1/2 in every cell, (2, k): where the exact fit starts from."""
    hit, miss = np.stack([rows.tp, rows.fp]) + 0.5, np.stack([rows.fn, rows.tn]) + 0.5
    return np.log(hit / miss), 1 / hit + 1 / miss


def _log_jacobian(s: BivariateSample) -> float:
    """Logarithm of the derivatives of the logits by the shares, 1 / (p (1 - p))."""
    eta = np.abs(s.y[s.on])
    return float((eta + 2 * np.log1p(np.exp(-eta))).sum())


def check_counts(rows: AccuracyData) -> None:
    """Refuse counts whose likelihood has no finite maximum.

    Raises:
        StatsError: a share is 0 or 1 in every study.
    """
    hit, miss = (rows.tp, rows.fp), (rows.fn, rows.tn)
    for j, name in enumerate(("sensitivity", "false-positive rate")):
        for counts, share in ((hit, "0"), (miss, "1")):
            if np.nansum(counts[j]) == 0:
                raise StatsError(
                    f"the {name} is {share} in every study: its logit has no finite estimate. "
                    "method='REML' with a continuity correction gives one, which rests on the "
                    "correction"
                )


def check_size(
    on: BoolArray, X: FloatArray, designs: tuple[Design, Design], structure: str
) -> None:
    """Refuse fewer shares than parameters, and moderators that do not vary where a share is known.

    Raises:
        StatsError: with what would be enough.
    """
    for j, (name, design) in enumerate(zip(("sensitivity", "specificity"), designs, strict=True)):
        k, q = int(on[j].sum()), len(design.names)
        if k <= q:
            raise StatsError(
                f"{k} {'study gives' if k == 1 else 'studies give'} a {name}, which is not enough "
                f"to pool it: its mean ({q} {'coefficient' if q == 1 else 'coefficients'}) and "
                f"variance between studies need {q + 1} or more"
            )
        part = X[j][on[j]][:, np.abs(X[j]).max(0) > 0]
        size = np.sqrt((part**2).sum(0))
        if (size == 0).any() or np.linalg.matrix_rank(part / np.where(size > 0, size, 1)) < q:
            raise StatsError(
                f"the moderators cannot be told apart in the {k} studies with a {name}: "
                f"{', '.join(design.names)}"
            )
    if structure == "UN" and int(np.all(on, axis=0).sum()) < 2:
        raise StatsError(
            "fewer than 2 studies give both sensitivity and specificity, so their correlation is "
            "unknown; use structure='DIAG'"
        )
