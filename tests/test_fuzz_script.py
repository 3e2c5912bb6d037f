"""The fuzz script runs, finds nothing in a few calls, and finds what is planted.

The long run is `python tests/fuzz` (5,000 calls of the API, 2,000 command lines).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).parent / "fuzz"


@pytest.fixture(name="verdicts")
def _verdicts(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPT))
    import verdicts

    yield verdicts
    for name in ("verdicts", "hostile"):
        sys.modules.pop(name, None)


def test_a_few_hostile_calls_end_with_clear_errors_or_results():
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--api", "120", "--cli", "30"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 traceback, 0 warning, 0 hang, 0 silent NaN, 0 nonsense" in done.stdout


def test_every_kind_of_fault_is_found(verdicts):
    from dataclasses import dataclass

    from review.errors import StatsError

    @dataclass(frozen=True)
    class Found:
        pval: float = 0.5
        values: np.ndarray | None = None
        ci_lb: float = 0.0
        ci_ub: float = 1.0
        notes: tuple[str, ...] = ()

    def kinds(run):
        tally = verdicts.Tally()
        verdicts.judge(tally, "a call", run)
        return [fault.kind for fault in tally.faults]

    def clear():
        raise StatsError("says what is wrong")

    assert kinds(Found) == kinds(clear) == []
    assert kinds(lambda: 1 / 0) == ["traceback"]
    assert kinds(lambda: np.array([1e308]) * 10) == ["warning"]
    assert kinds(lambda: Found(values=np.array([np.nan]))) == ["silent NaN"]
    assert kinds(lambda: Found(values=np.array([np.nan]), notes=("why",))) == []
    assert kinds(lambda: Found(pval=1.5)) == kinds(lambda: Found(ci_lb=2.0)) == ["nonsense"]


def test_a_call_that_takes_too_long_is_a_hang(verdicts):
    def forever():
        while True:
            sum(range(1000))

    with pytest.raises(verdicts.HangError), verdicts.time_limit(1):
        forever()
