"""How often intervals of multilevel models hold the truth, against their level.

Run it from the checkout: `python tests/simulation/coverage_multilevel.py [--runs 1000]`. It takes
minutes and is no part of the tests. Every line gives the share of the runs in which the interval
holds the true value, the Monte-Carlo error of that share, and whether it is what the method
promises: within three errors (and half a per cent) of 95%. Wald tests of the working model itself
promise that for many studies only, and are printed beside the others. The exit status is 1 when a
promise fails.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

import numpy as np

import review

BETA, SLOPE = 0.3, 0.15
BETWEEN, WITHIN = 0.08, 0.04
RHO = 0.6


@dataclass
class Count:
    """How often an interval held the truth, and how often it was to be had."""

    held: int = 0
    of: int = 0

    def add(self, low: float, high: float, truth: float) -> None:
        """Count one interval."""
        self.of += 1
        self.held += low <= truth <= high


def draw(rng: np.random.Generator, studies: int) -> dict[str, np.ndarray]:
    """Effects of studies with 1 to 8 each; errors of a study are correlated by RHO."""
    sizes = rng.integers(1, 9, studies)
    study = np.repeat(np.arange(studies), sizes)
    k = len(study)
    vi = rng.uniform(0.02, 0.15, studies)[study]
    x = rng.normal(size=studies)[study]
    error = np.sqrt(RHO) * rng.normal(size=studies)[study] + np.sqrt(1 - RHO) * rng.normal(size=k)
    u = rng.normal(0, np.sqrt(BETWEEN), studies)[study] + rng.normal(0, np.sqrt(WITHIN), k)
    return {"yi": BETA + SLOPE * x + u + np.sqrt(vi) * error, "vi": vi, "x": x, "study": study,
            "id": np.arange(k)}  # fmt: skip


def one(rng: np.random.Generator, studies: int, counts: dict[str, Count], *, profile: bool) -> None:
    """Fit one draw with every method."""
    d = draw(rng, studies)
    for name, rho in (("right rho", RHO), ("rho 0.2 assumed", 0.2)):
        V = review.vcalc("vi", "study", data=d, rho=rho)
        fit = review.meta_analysis_mv("yi", V, "~ x", d, "~ 1 | study/id", test="t", dfs="contain")
        counts[f"{name}: t, containment, slope"].add(fit.ci_lb[1], fit.ci_ub[1], SLOPE)
        robust = review.cluster_robust(fit, "study")
        counts[f"{name}: CR2, slope"].add(robust.ci_lb[1], robust.ci_ub[1], SLOPE)
        if name == "right rho":
            z = fit.update(test="z", sigma2=list(fit.sigma2))
            counts["right rho: z, slope"].add(z.ci_lb[1], z.ci_ub[1], SLOPE)
            if profile:
                found = fit.confint("sigma2[study]")["sigma2[study]"]
                counts["right rho: profile interval, variance between studies"].add(
                    found[1], found[2], BETWEEN
                )
    for weights in ("CORR", "HIER"):
        rve = review.robust_variance("yi", "vi", "~ x", d, "study", weights)
        counts[f"{weights} weights, slope"].add(rve.ci_lb[1], rve.ci_ub[1], SLOPE)


def main() -> None:
    """Run and print all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--studies", type=int, default=25)
    parser.add_argument("--seed", type=int, default=20221104)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    names = [f"{rho}: {how}, slope" for rho in ("right rho", "rho 0.2 assumed")
             for how in ("t, containment", "CR2")]  # fmt: skip
    names += ["right rho: z, slope", "right rho: profile interval, variance between studies"]
    counts = {n: Count() for n in [*names, "CORR weights, slope", "HIER weights, slope"]}
    for i in range(options.runs):
        one(rng, options.studies, counts, profile=i % 4 == 0)
    failed = False
    for name, count in counts.items():
        share = count.held / count.of
        error = np.sqrt(0.95 * 0.05 / count.of)
        promised = "z," not in name and "containment" not in name
        good = abs(share - 0.95) <= 3 * error + 0.005
        failed |= promised and not good
        word = (
            "as promised"
            if good
            else ("NOT as promised" if promised else "model-based, few studies")
        )
        print(f"{name:<56} {100 * share:6.2f}% +- {100 * error:.2f}  {word}")
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
