"""Fits the joint model of several tests: the random effects that they share, and its starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from review.errors import InputError
from review.stats.accuracy.accuracy_fit import check_counts, start_logits
from review.stats.accuracy.bivariate_exact import fit_exact
from review.stats.accuracy.bivariate_kernel import make_bivariate
from review.stats.accuracy.bivariate_normal import moment_psi, starts, typical_variances
from review.stats.accuracy.joint_covariance import JointCovariance
from review.stats.accuracy.joint_normal import JointFit, fit_joint_normal
from review.stats.accuracy.study_blocks import binomial_blocks, joint_sample

if TYPE_CHECKING:
    import numpy.typing as npt

    from review.stats.accuracy.accuracy_data import AccuracyData
    from review.stats.accuracy.study_blocks import StudyBlocks
    from review.stats.ground.least_squares import FloatArray

COVARIANCES: Final = ("nested", "shared", "unstructured", "separate")


@dataclass(frozen=True, eq=False)
class JointTests:
    """Rows of several tests with the random effects that they share.

    Attributes:
        rows: the studies. code: test of each row, from 0, (k,). T: number of tests.
        blocks: which rows belong to one study.
        covariance: "nested" (a pair of effects of the study and one of each of its rows), "shared"
            (of the study alone) or "unstructured" (all 2 T effects of a study correlated).
        exact: binomial instead of normal.
        within_rho: correlation of sampling errors between tests in a study.
    """

    rows: AccuracyData
    code: npt.NDArray[np.intp]
    T: int
    blocks: StudyBlocks
    covariance: str
    exact: bool
    within_rho: float

    def cell_means(self) -> FloatArray:
        """Design with one coefficient per test for each outcome, (2, k, 2 T)."""
        X = np.zeros((2, self.rows.k, 2 * self.T))
        index = np.arange(self.rows.k)
        X[0, index, self.code] = X[1, index, self.T + self.code] = 1
        return X

    def effects(self) -> JointCovariance:
        """The random effects."""
        b = self.blocks
        if self.covariance == "shared":
            return JointCovariance((b.of_study(),))
        if self.covariance == "nested":
            return JointCovariance((b.of_study(), b.of_row()))
        return JointCovariance((b.of_group(self.code, self.T),))

    def psi(self, fit: JointFit, test: int) -> FloatArray:
        """Covariance between studies of the two logits of a test, (2, 2)."""
        if self.covariance == "unstructured":
            block = slice(2 * test, 2 * test + 2)
            return fit.matrices[0][block, block]
        return np.asarray(sum(fit.matrices))

    def fit(self, X: FloatArray, *, restricted: bool) -> JointFit:
        """Fit the model with a design, (2, k, p).

        Args:
            X: the design.
            restricted: REML instead of ML; the exact model knows ML alone.

        Raises:
            ConvergenceError: no maximum was found.
        """
        on = self.rows.counted if self.exact else self.rows.on
        y, v = start_logits(self.rows) if self.exact else (self.rows.y, self.rows.v)
        sample = make_bivariate(y, v, X, on)
        begin = self._starts(starts(moment_psi(sample), typical_variances(sample)))
        joint = joint_sample(self.blocks, y, v, on, X, within_rho=self.within_rho)
        if not self.exact:
            return fit_joint_normal(joint, self.effects(), begin, restricted=restricted)
        check_counts(self.rows)
        # the normal model costs little and ends close to the exact one
        near = fit_joint_normal(joint, self.effects(), begin, restricted=False)
        counts = binomial_blocks(self.blocks, self.rows, X)
        first = np.vstack([near.theta, begin[:2]])
        return fit_exact(counts, self.effects(), near.beta, first)[0]

    def _starts(self, single: FloatArray) -> FloatArray:
        """Factors to start from, made of those of one pair of effects, (B, 3)."""
        if self.covariance == "shared":
            return single
        if self.covariance == "nested":
            parts = ((0.7, 0.7), (0.9, 0.4), (0.4, 0.9))
            return np.concatenate([np.hstack([a * single, b * single]) for a, b in parts])
        out = []
        i, j = np.tril_indices(2 * self.T)
        for a, b, c in single.tolist():
            L = np.array([[a, 0.0], [b, max(c, 0.1 * a)]])
            for r in (0.2, 0.6):
                between = np.full((self.T, self.T), r) + (1 - r) * np.eye(self.T)
                out.append(np.linalg.cholesky(np.kron(between, L @ L.T))[i, j])
        return np.stack(out)


def choose_covariance(given: str | None, *, several: bool, paired: bool, T: int) -> str:
    """Return which random effects the tests share.

    Args:
        given: what the user asked for, or None.
        several: whether a study has several rows.
        paired: whether a study has several tests.
        T: number of tests.

    Raises:
        InputError: a choice that the data do not allow.
    """
    if given is None:
        return "nested" if several else "shared"
    if given == "separate" and paired:
        raise InputError(
            "covariance='separate' treats the tests as unrelated, but some studies report several "
            "of them; use 'nested' or 'unstructured'"
        )
    if (given == "nested" and not several) or (given == "unstructured" and not paired):
        what = "rows" if given == "nested" else "tests"
        raise InputError(
            f"covariance={given!r} needs studies with several {what} (study=...); use 'shared' or "
            "'separate'"
        )
    if given == "unstructured" and T > 3:
        raise InputError(
            f"covariance='unstructured' of {T} tests has {T * (2 * T + 1)} parameters; use 'nested'"
        )
    return given
