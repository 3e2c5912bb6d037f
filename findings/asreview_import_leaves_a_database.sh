#!/usr/bin/env bash
# asreview==3.0.8 (with synergy-dataset==2.2): importing the package writes a file.
#
# Guessed:   the cache of the SYNERGY data sets is made when such a data set is asked for, in a cache
#            folder of the user.
# Happens:   `import asreview` alone, and so every `asreview` command down to `asreview --version`,
#            makes synergy_cache.sqlite in the current folder.
# Output:    after the import the empty folder holds ['synergy_cache.sqlite']
# Why it hurts: a review folder under version control, or one whose checksums are part of the record,
#            has changed after a program was only asked for its version.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "asreview==3.0.8" "synergy-dataset==2.2"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
import os
import subprocess

assert os.listdir() == []
import asreview  # noqa: F401

print(os.listdir())
assert os.listdir() == ["synergy_cache.sqlite"]

# The command, in another folder.
program = os.path.abspath("../env/bin/asreview")
os.mkdir("other")
subprocess.run([program, "--version"], cwd="other", check=True)
print(os.listdir("other"))
assert os.listdir("other") == ["synergy_cache.sqlite"]
PYTHON
echo "as described"
