"""Runs a function in a process of its own, with bounds on its time and memory.

For work on files whose size says little about what they turn into: loops of a template, sheets of
a workbook. The bounds hold for whatever a library does inside.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar, cast

from review.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

R = TypeVar("R")
MEGABYTE: Final = 1_000_000
SECONDS: Final = 60.0
MEMORY: Final = 1_000 * MEGABYTE
# a process that does not answer to its own alarm is ended from outside
GRACE: Final = 5.0
_CHILD: Final = "from review.project.confined import child; child()"


class TooLong(Exception):  # noqa: N818  what is wrong, as MemoryError says it
    """The time is up: `takes more than 60 s`."""


def confined(
    function: Callable[..., R],
    *arguments: Any,
    what: str,
    seconds: float = SECONDS,
    memory: int = MEMORY,
) -> R:
    """Return what a function of a module returns, called in a process of its own.

    Where the system knows no bound on memory (Windows), that on time holds.

    Args:
        function: found by its name in its module.
        arguments: of the function; they and the result travel between the processes.
        what: the work, for messages: `the workbook studies.xlsx`.
        seconds: of the clock.
        memory: bytes, beside the arguments.

    Raises:
        DataError: the function raised one, or it took more time or memory.
        RuntimeError: the process ended for any other reason.

    Example:
        >>> confined(len, "abc", what="three signs")
        3
    """
    sent = pickle.dumps((function.__module__, function.__qualname__, arguments))
    limits = pickle.dumps((seconds, memory + 8 * len(sent)))
    # -P: never a module that lies in the working folder, which may be a review from elsewhere
    command = [sys.executable, "-P", "-c", _CHILD]
    path = os.pathsep.join(p for p in sys.path if p)
    try:
        done = subprocess.run(  # noqa: S603  this interpreter
            command,
            input=limits + sent,
            capture_output=True,
            check=False,
            timeout=seconds + GRACE,
            env={**os.environ, "PYTHONPATH": path},
        )
    except subprocess.TimeoutExpired:
        raise DataError(f"{what}: takes more than {seconds:.0f} s") from None
    answer: tuple[str, Any] = ("ended", None)
    if done.stdout:
        answer = pickle.loads(done.stdout)  # noqa: S301  ours
    kind, value = answer
    if kind == "result":
        return cast("R", value)
    if kind == "data":
        raise DataError(*value)
    if kind == "time":
        raise DataError(f"{what}: {value}")
    # a signal: the system ended it for its memory, or a library met the bound on it
    if kind == "memory" or done.returncode < 0:
        raise DataError(f"{what}: takes more than {memory / MEGABYTE:,.0f} MB of memory")
    said = value if kind == "error" else done.stderr.decode(errors="replace").strip()
    raise RuntimeError(f"{what}: {said or f'ended with {done.returncode}'}")


def child() -> None:
    """Run in the process of its own: read the call, answer with its result."""
    out, sys.stdout = sys.stdout.buffer, sys.stderr
    seconds, memory = pickle.load(sys.stdin.buffer)  # noqa: S301  from the parent
    module, name, arguments = pickle.load(sys.stdin.buffer)  # noqa: S301  from the parent
    function = getattr(importlib.import_module(module), name)
    try:
        _bound(seconds, memory)
        answer = pickle.dumps(("result", function(*arguments)))
    except DataError as error:
        answer = pickle.dumps(("data", (error.message, error.problems)))
    except TooLong as error:
        answer = pickle.dumps(("time", str(error)))
    except MemoryError:
        answer = pickle.dumps(("memory", None))
    except Exception as error:  # noqa: BLE001  the other process raises it
        answer = pickle.dumps(("error", f"{type(error).__name__}: {error}"))
    out.write(answer)
    out.flush()


def _bound(seconds: float, memory: int) -> None:
    if hasattr(signal, "setitimer"):

        def up(_signal: int, _frame: Any) -> NoReturn:
            raise TooLong(f"takes more than {seconds:.0f} s")

        signal.signal(signal.SIGALRM, up)
        signal.setitimer(signal.ITIMER_REAL, seconds)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        soft = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
