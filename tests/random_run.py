"""Look for what the fixed draws of the tests miss: properties, again and again, at random.

Run it by hand, as long as there is time:

    python tests/random_run.py [--minutes 30] [further arguments of pytest]

Each round has a seed of its own. The first round that fails ends the run, and the command that
repeats it is printed. The tests as they run by default draw the same examples each time.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Run rounds until the time is over or one fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    options, more = parser.parse_known_args()
    end = time.monotonic() + 60 * options.minutes
    environment = {**os.environ, "HYPOTHESIS_PROFILE": "random"}
    rounds = 0
    while time.monotonic() < end or not rounds:
        rounds += 1
        seed = secrets.randbelow(2**32)
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-m", "hypothesis",
                   "-p", "no:cacheprovider", f"--hypothesis-seed={seed}",
                   *(more or ["tests"])]  # fmt: skip
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
        if done.returncode:
            sys.stdout.write(f"round {rounds} failed; it is repeated by\n"
                  f"HYPOTHESIS_PROFILE=random {' '.join(command)}\n")  # fmt: skip
            return done.returncode
    sys.stdout.write(f"{rounds} rounds passed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
