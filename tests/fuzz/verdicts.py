"""What a call may do: give a result without silent NaN, or a clear error, in reasonable time."""

from __future__ import annotations

import contextlib
import math
import signal
import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = 10
# fields in which a result says what is missing or weak
SAYS = ("notes", "note", "reason", "left_out", "missing", "explanations", "ci_reason")


class HangError(BaseException):
    """A call took too long; not an Exception, so that nothing swallows it."""


@dataclass(frozen=True)
class Fault:
    """A call that did what no call may do.

    Attributes:
        kind: "traceback", "warning", "hang", "silent NaN" or "nonsense".
        where: the place in the package, or the field.
        call: the call, in words.
        said: the exception or the value.
    """

    kind: str
    where: str
    call: str
    said: str


class Tally:
    """Counts calls, results, errors and faults."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.faults: list[Fault] = []
        self.slowest = (0.0, "")

    def report(self) -> str:
        """Return the counts and every fault once per place."""
        lines = [", ".join(f"{n} {what}" for what, n in self.counts.items())]
        lines.append(f"slowest: {self.slowest[0]:.1f} s: {self.slowest[1][:200]}")
        seen: Counter[tuple[str, str]] = Counter()
        for fault in self.faults:
            seen[fault.kind, fault.where] += 1
            if seen[fault.kind, fault.where] == 1:
                lines.append(f"{fault.kind}: {fault.where}\n    {fault.call}\n    {fault.said}")
        lines += [f"{n} x {kind}: {where}" for (kind, where), n in seen.most_common()]
        kinds = Counter(f.kind for f in self.faults)
        names = ("traceback", "warning", "hang", "silent NaN", "nonsense")
        return "\n".join([*lines, ", ".join(f"{kinds[name]} {name}" for name in names)])


@contextlib.contextmanager
def time_limit(seconds: int = SECONDS) -> Iterator[None]:
    """Raise HangError in the block when it computes longer, or waits six times as long."""

    def stop(*_: Any) -> None:
        raise HangError

    # time of this process first: the machine may be busy with others
    timers = {signal.ITIMER_PROF: signal.SIGPROF, signal.ITIMER_REAL: signal.SIGALRM}
    before = {number: signal.signal(number, stop) for number in timers.values()}
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 6 * seconds)
    try:
        yield
    finally:
        for timer in timers:
            signal.setitimer(timer, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def judge(tally: Tally, call: str, run: Callable[[], Any]) -> Any:
    """Run a call and record what it did; return its result, or None."""
    from review.errors import ReviewError, ReviewWarning

    tally.counts["calls"] += 1
    start = time.process_time()
    result = None
    try:
        with time_limit(), warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", ReviewWarning)
            result = run()
        tally.counts["results"] += 1
        # element by element, a function gives NaN for NaN
        plain = isinstance(result, float | np.ndarray) or hasattr(result, "columns")
        found = [] if plain else problems(result)
        for kind, where, said in found:
            tally.faults.append(Fault(kind, f"{type(result).__name__}.{where}", call, said))
    except ReviewError as error:
        tally.counts["clear errors"] += 1
        if not str(error).strip():
            tally.faults.append(Fault("nonsense", "an error without words", call, repr(error)))
    except HangError:
        name = call.split("(", maxsplit=1)[0]
        tally.faults.append(Fault("hang", name, call, f"more than {SECONDS} s"))
    except Warning as error:
        tally.faults.append(Fault("warning", place(error), call, repr(error)[:300]))
    except Exception as error:
        tally.faults.append(Fault("traceback", place(error), call, repr(error)[:300]))
    tally.slowest = max(tally.slowest, (time.process_time() - start, call))
    return result


def place(error: BaseException) -> str:
    """Return the deepest line of the package in a traceback, and the type of the exception."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "/review/" in f.filename and "site-packages" not in f.filename]
    where = own[-1] if own else frames[-1]
    return f"{where.filename.rpartition('/review/')[2]}:{where.lineno} {type(error).__name__}"


def problems(result: Any) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, field, value) of what is wrong with a result."""
    yield from _silent(result, "", speaks(result))
    yield from _nonsense(result)


def speaks(result: Any) -> bool:
    """Whether a result says that something is missing or weak."""
    return any(bool(getattr(result, name, None)) for name in SAYS)


def _silent(value: Any, path: str, said: bool) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, float | np.floating):
        if not math.isfinite(value) and not said:
            yield "silent NaN", path.lstrip("."), repr(value)
    elif isinstance(value, np.ndarray):
        if value.dtype.kind == "f" and not said and not np.isfinite(value).all():
            yield "silent NaN", path.lstrip("."), repr(value)[:200]
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _silent(inner, f"{path}.{name}", said)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _silent(inner, path, said)
    elif is_dataclass(value) and not isinstance(value, type):
        inside = said or speaks(value)
        for f in fields(value):
            # what went in and how to do it again are no results
            if f.name not in {"call", "design", "X", "inside", *getattr(value, "GAPS", ())}:
                yield from _silent(getattr(value, f.name), f"{path}.{f.name}", inside)


def _nonsense(result: Any) -> Iterator[tuple[str, str, str]]:
    for name in ("pval", "QEp", "QMp", "p_value", "pval_alpha", "LRTp", "p_k0"):
        for p in _numbers(getattr(result, name, None)):
            if not -1e-12 <= p <= 1 + 1e-12:
                yield "nonsense", name, f"{p} is no probability"
    for low, high in (("ci_lb", "ci_ub"), ("pi_lb", "pi_ub"), ("ci_low", "ci_high")):
        pair = zip(_numbers(getattr(result, low, None)), _numbers(getattr(result, high, None)),
                   strict=False)  # fmt: skip
        for a, b in pair:
            if a > b + 1e-9 * abs(b):
                yield "nonsense", low, f"{a} > {b}"
    for name in ("tau2", "se", "I2", "H2"):
        for x in _numbers(getattr(result, name, None)):
            if x < 0:
                yield "nonsense", name, f"{x} < 0"


def _numbers(value: Any) -> list[float]:
    if value is None or isinstance(value, str | bool) or callable(value):
        return []
    try:
        flat = np.asarray(value, dtype=float).ravel()
    except (TypeError, ValueError):
        return []
    return [x for x in flat.tolist() if math.isfinite(x)]
