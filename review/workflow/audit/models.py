"""Network architectures: layer sums, layers in names, output sizes of convolutions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from review.workflow.audit.arithmetic import check_sum
from review.workflow.audit.claim import Claim, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONVOLUTIONAL = ("conv_layers", "fe_layers")
_TOTAL = ("layers", "trainable_layers")


def check_layers(data: Mapping[str, Any], file: str) -> list[Claim]:
    """Check layers = convolutional + fully connected in every list of models.

    A model without a stated total is compared with the number in its name (VGG19).
    """
    claims = []
    for block, rows in data.items():
        if not isinstance(rows, list):
            continue
        for i, row in enumerate(rows, 1):
            if isinstance(row, dict) and "model" in row:
                claims += _row(row, f"{file} [[{block}]] {i}")
    return claims + check_convolutions(data.get("convolution_arithmetic"), file)


def _row(row: Mapping[str, Any], source: str) -> list[Claim]:
    model, fc = str(row["model"]), row.get("fc_layers")
    conv_name = next((n for n in _CONVOLUTIONAL if isinstance(row.get(n), int)), None)
    if conv_name is None or not isinstance(fc, int):
        note = row.get("note")
        if note and re.search(r"\d", str(note)) and "parameters" in str(note):
            why = "a sentence; no numbers to recompute it from are stated"
            return [
                Claim("architecture", f"{model} {note}", Verdict.UNCHECKED, source=source, note=why)
            ]
        return []
    conv = row[conv_name]
    total = next((row[n] for n in _TOTAL if isinstance(row.get(n), int)), None)
    words = "convolutional" if conv_name == "conv_layers" else "feature-extraction"
    parts = [(words, conv), ("fully connected", fc)]
    if total is not None:
        text = f"{model}: {total} layers = {words} + fully connected"
        return [check_sum("architecture", text, parts, total, source=source)]
    named = re.search(r"\d+", model)
    if named is None:
        return [Claim("architecture", f"{model}: {conv} {words} and {fc} fully connected layers",
                      Verdict.UNCHECKED, str(conv + fc), source=source,
                      note="the total is not stated")]  # fmt: skip
    text = f"{model}: {words} + fully connected layers give the number in its name"
    return [check_sum("architecture", text, parts, int(named.group()), source=source)]


def output_size(t: int, k: int, p: int, s: int, d: int) -> int:
    """Return the output size of a convolution.

    Args:
        t: input size.
        k: kernel size.
        p: padding on each side.
        s: stride.
        d: dilation.

    Source: Wang et al. 2021, equations 4 and 13.

    Example:
        >>> output_size(7, 3, 1, 3, 1)
        3
    """
    return (t - k - (k - 1) * (d - 1) + 2 * p) // s + 1


def check_convolutions(block: Any, file: str) -> list[Claim]:
    """Recompute the worked examples of output sizes: (t, k, p, s, d) -> u."""
    examples = block.get("examples") if isinstance(block, dict) else None
    claims = []
    for i, row in enumerate(examples or [], 1):
        names = ("t", "k", "p", "s", "d")
        if not all(isinstance(row.get(n), int) for n in (*names, "u")) or row["s"] < 1:
            continue
        t, k, p, s, d = (row[n] for n in names)
        size = output_size(t, k, p, s, d)
        text = f"convolution of {t} by {k}, padding {p}, stride {s}, dilation {d}"
        claims.append(
            Claim("architecture", text,
                  Verdict.CONFIRMED if size == row["u"] else Verdict.INCONSISTENT, str(row["u"]),
                  str(size),
                  f"floor(({t} - {k} - {k - 1} x {d - 1} + 2 x {p}) / {s}) + 1 = {size}",
                  f"{file} [convolution_arithmetic] example {i}")
        )  # fmt: skip
    return claims
