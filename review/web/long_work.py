"""Long work of the server: one piece of a kind at a time, with its progress, and cancelled on wish.

What only reads runs in a thread and stops at its next report of progress. What writes is a command
in a process of its own: it may be ended at any moment, since what a change leaves behind is settled
with the next look at the folder, to the whole of the change or to nothing of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from review.errors import BusyError, InputError, ReviewError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MAIN: Final = "from review.cli.main import main; main()"
_LOOKS: Final = 0.2  # seconds between two looks whether it is to stop
State = Literal["running", "done", "failed", "cancelled"]


class CancelledError(Exception):
    """The person who waits has thought better of it."""


@dataclass
class Work:
    """A piece of work.

    Attributes:
        name: of its kind.
        state: how it stands.
        step, at, total: what it does, and how far it is; total 0 where that is not known.
        result: what it made. message: why it failed.
        stamp: of the files that it was made from.
    """

    name: str
    stamp: Any = None
    state: State = "running"
    step: str = ""
    at: int = 0
    total: int = 0
    result: Any = None
    message: str = ""
    stop: threading.Event = field(default_factory=threading.Event)

    def tell(self, step: str, at: int = 0, total: int = 0) -> None:
        """Say how far it is.

        Raises:
            CancelledError: it is to stop here.
        """
        if self.stop.is_set():
            raise CancelledError
        self.step, self.at, self.total = step, at, total

    def cancel(self) -> None:
        """Ask it to stop."""
        self.stop.set()

    def to_dict(self) -> dict[str, Any]:
        """Return how it stands, for a page."""
        return {
            "name": self.name, "state": self.state, "step": self.step, "at": self.at,
            "total": self.total, "message": self.message,
        }  # fmt: skip


class Works:
    """The long work of a server."""

    def __init__(self) -> None:
        self._works: dict[str, Work] = {}
        self._lock = threading.Lock()

    def of(self, name: str) -> Work | None:
        """Return the last work of a kind, or None."""
        return self._works.get(name)

    def start(self, name: str, do: Callable[[Work], Any], *, stamp: Any = None) -> Work:
        """Begin a piece of work.

        Raises:
            BusyError: one of its kind is not finished yet.
        """
        with self._lock:
            before = self._works.get(name)
            if before is not None and before.state == "running":
                raise BusyError(f"{name}: the one before is not finished; cancel it, or wait")
            work = self._works[name] = Work(name, stamp)
        threading.Thread(target=_run, args=(work, do), name=name, daemon=True).start()
        return work


def _run(work: Work, do: Callable[[Work], Any]) -> None:
    try:
        work.tell("begins")
        work.result = do(work)
        work.state = "done"
    except CancelledError:
        work.message, work.state = "cancelled: all of it was written, or nothing", "cancelled"
    except ReviewError as error:
        work.message, work.state = error.message, "failed"
    except Exception as error:  # noqa: BLE001  a thread has nobody above it who would say so
        said = f"{type(error).__name__}: {error}"
        work.message, work.state = f"a defect of the program; please report it ({said})", "failed"


def run_command(work: Work, arguments: Sequence[str]) -> Any:
    """Run a command of `review` in a process of its own; return the JSON that it prints.

    Args:
        work: that it belongs to; the command is ended when it is cancelled.
        arguments: of the command, which takes --json.

    Raises:
        InputError: what the command said.
        CancelledError: it was ended.
    """
    path = os.pathsep.join(p for p in sys.path if p)
    process = subprocess.Popen(  # noqa: S603  this interpreter
        [sys.executable, "-P", "-c", _MAIN, *arguments, "--json"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        encoding="utf-8", env={**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1"},
    )  # fmt: skip
    while True:
        try:
            out, said = process.communicate(timeout=_LOOKS)
            break
        except subprocess.TimeoutExpired:
            if work.stop.is_set():
                process.kill()
                process.communicate()
                raise CancelledError from None
    if process.returncode:
        raise InputError(said.strip().removeprefix("error: ") or "the command failed")
    return json.loads(out)
