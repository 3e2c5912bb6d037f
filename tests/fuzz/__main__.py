"""Hostile calls of the public names and of the command line.

    python tests/fuzz                 # 5,000 calls of the API and 2,000 command lines
    python tests/fuzz --seed 7 --api 500 --cli 0

It ends with 0 when there was no traceback, no warning, no call over 10 seconds, no NaN or infinity
without a word about it and no nonsense (a p-value above 1, limits in the wrong order).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time


def main() -> None:
    """Run what the options ask for."""
    parser = argparse.ArgumentParser(
        prog="tests/fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=20220413)
    parser.add_argument("--api", type=int, default=5000, metavar="CALLS")
    parser.add_argument("--cli", type=int, default=2000, metavar="CALLS")
    options = parser.parse_args()
    faults = 0
    # what the commands remember about folders stays out of the user's own settings
    os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp(prefix="review-fuzz-")
    for what, n in (("api", options.api), ("cli", options.cli)):
        if not n:
            continue
        if what == "api":
            from api_calls import run
        else:
            from command_lines import run
        start = time.monotonic()
        tally = run(n, options.seed)
        print(f"== {what}, seed {options.seed}, {time.monotonic() - start:.0f} s")
        print(tally.report(), flush=True)
        faults += len(tally.faults)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
