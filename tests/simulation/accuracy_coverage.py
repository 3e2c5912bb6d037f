"""Simulate studies of a test and count how often each interval holds the truth.

Run it from the checkout: `python tests/simulation/accuracy_coverage.py [--repetitions 2000]`.
Seeded, so that it prints the same every time. It ends with status 1 when a coverage differs from
its level by more than three Monte-Carlo standard errors and the margin of the table: 0.01 where the
interval is exact for many studies, more where it is known to be an approximation (variances).
"""

from __future__ import annotations

import argparse
import sys
import warnings
from typing import TYPE_CHECKING

import numpy as np

import review
from review.stats.accuracy.hsroc import parameters
from review.stats.accuracy.sroc_curves import area, line

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.accuracy.accuracy_result import AccuracyResult

MU = np.array([1.6, -1.8])
PSI = np.array([[0.7, 0.25], [0.25, 0.5]])
VECTOR = PSI[[0, 0, 1], [0, 1, 1]]
K = 50
SHIFT = 0.4  # of the second test in the paired comparison
PREVALENCE = 0.1


def expit(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


SENS, FPR = expit(MU)
AUC = float(area(*line("rutter_gatsonis", MU, VECTOR), 0, 1))
LAMBDA = float(parameters(np.concatenate([MU, VECTOR]))[0])


def counts(rng: np.random.Generator, eta: np.ndarray, n: tuple[int, int]) -> list[np.ndarray]:
    """Cells of studies with true logits eta, (k, 2)."""
    size = rng.integers(*n, eta.shape)
    hit = rng.binomial(size, expit(eta))
    return [hit[:, 0], size[:, 0] - hit[:, 0], hit[:, 1], size[:, 1] - hit[:, 1]]


def inside(limits: tuple[float, ...] | np.ndarray | None, truth: float) -> float:
    """1, 0, or NaN where there is no interval."""
    if limits is None or limits[0] is None:
        return float("nan")
    return float(limits[0] <= truth <= limits[-1])


def in_region(fit: AccuracyResult, at: np.ndarray, covariance: np.ndarray) -> float:
    from scipy.stats import chi2

    d = at - fit.beta
    return float(d @ np.linalg.solve(covariance, d) <= chi2.ppf(0.95, 2))


def one_model(rng: np.random.Generator, method: str) -> dict[str, float]:
    """All intervals of one simulated meta-analysis."""
    eta = rng.multivariate_normal(MU, PSI, K)
    fit = review.diagnostic_meta(*counts(rng, eta, (200, 800)), method=method)
    new = rng.multivariate_normal(MU, PSI)
    values = fit.predictive_values(PREVALENCE)
    ppv = SENS * PREVALENCE / (SENS * PREVALENCE + FPR * (1 - PREVALENCE))
    area_limits = fit.auc()
    found = {
        "sensitivity": inside(fit.sens[1:], SENS),
        "specificity": inside(fit.spec[1:], 1 - FPR),
        "LR+": inside(fit.lr_pos[1:], SENS / FPR),
        "LR-": inside(fit.lr_neg[1:], (1 - SENS) / (1 - FPR)),
        "DOR": inside(fit.dor[1:], SENS * (1 - FPR) / ((1 - SENS) * FPR)),
        "PPV": inside(values.ppv[0, 1:], ppv),
        "confidence region": in_region(fit, MU, fit.vb),
        "prediction region": in_region(fit, new, fit.vb + fit.psi),
        "prediction interval": inside(fit.predict().sens_pi[0], expit(new[0])),
        "AUC": inside((area_limits.ci_lb, area_limits.ci_ub), AUC),
        "rho": inside(fit.rho_ci, PSI[0, 1] / np.sqrt(PSI[0, 0] * PSI[1, 1])),
        "tau2 of sensitivity": inside(None if fit.tau2_ci is None else fit.tau2_ci[0], PSI[0, 0]),
        "tau2 of fpr": inside(None if fit.tau2_ci is None else fit.tau2_ci[1], PSI[1, 1]),
    }
    h = fit.hsroc
    if h is not None and h.se is not None:
        half = 1.959963984540054 * h.se[0]
        found["HSROC Lambda"] = inside((h.Lambda - half, h.Lambda + half), LAMBDA)
    return found


def one_comparison(rng: np.random.Generator, method: str) -> dict[str, float]:
    """The differences of two tests in the same studies."""
    k = 30
    study = np.repeat(np.arange(k), 2)
    test = np.tile([0, 1], k)
    eta = rng.multivariate_normal(MU, PSI / 2, k)[study]
    eta = eta + rng.multivariate_normal([0, 0], PSI / 4, 2 * k)
    eta[:, 0] += SHIFT * test
    found = review.compare_tests(
        *counts(rng, eta, (200, 800)), test=test.astype(str), study=study, method=method
    )
    truth = float(expit(MU[0] + SHIFT) - SENS)
    return {
        "difference of sensitivity": inside(found.sens_difference[1, 1:], truth),
        "difference of specificity": inside(found.spec_difference[1, 1:], 0.0),
        "Wald test of specificity": float(found.wald["spec"][2] > 0.05),
        "likelihood ratio of specificity": float(found.lr["spec"][2] > 0.05),
    }


# margins beyond Monte-Carlo error
LOOSE = {
    "tau2 of sensitivity": 0.02, "tau2 of fpr": 0.02, "rho": 0.02, "prediction region": 0.02,
    "prediction interval": 0.02, "difference of sensitivity": 0.02,
    "difference of specificity": 0.02, "Wald test of specificity": 0.02,
    "likelihood ratio of specificity": 0.02,
}  # fmt: skip


def table(title: str, simulate: Callable[[], dict[str, float]], n: int) -> bool:
    """Print the coverages; tell whether all are near their level."""
    rows: dict[str, list[float]] = {}
    for _ in range(n):
        for name, value in simulate().items():
            rows.setdefault(name, []).append(value)
    print(f"\n{title}, {n} repetitions")
    good = True
    for name, values in rows.items():
        known = np.array(values)[~np.isnan(values)]
        share, error = float(known.mean()), float(np.sqrt(0.95 * 0.05 / len(known)))
        fine = abs(share - 0.95) <= 3 * error + LOOSE.get(name, 0.01)
        good &= fine
        mark = "" if fine else "   <- off"
        print(f"  {name:<34} {100 * share:6.2f}%  (error {100 * error:.2f}, {len(known)}){mark}")
    return good


def main() -> None:
    """Run all simulations."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=2000)
    parser.add_argument("--exact", type=int, default=300, help="repetitions of the exact model")
    parser.add_argument("--comparisons", type=int, default=300)
    options = parser.parse_args()
    warnings.simplefilter("error")
    good = True
    for seed, (method, n) in enumerate(
        (("REML", options.repetitions), ("ML", options.repetitions), ("exact", options.exact))
    ):
        if n:
            rng = np.random.default_rng([20261127, seed])
            good &= table(f"{method}, {K} studies", lambda r=rng, m=method: one_model(r, m), n)
    if options.comparisons:
        rng = np.random.default_rng([20261127, 9])
        title = "two tests in 30 studies, REML"
        good &= table(title, lambda: one_comparison(rng, "REML"), options.comparisons)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
