"""Network architectures: layer sums, Table 1 and other statements against reference networks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError
from review.models.convolution import output_size
from review.models.printed import parse
from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.sums import check_sum

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CONVOLUTIONAL = ("conv_layers", "fe_layers")
_TOTAL = ("layers", "trainable_layers")


def check_layers(data: Mapping[str, Any], file: str, *, notes: bool = True) -> list[Claim]:
    """Check layers = convolutional + fully connected in every list of models.

    A model without a stated total is compared with the number in its name (VGG19).

    Args:
        data: the published facts.
        file: their file.
        notes: also list sentences about parameters, which nothing here can check.
    """
    claims = []
    for block, rows in data.items():
        if not isinstance(rows, list):
            continue
        for i, row in enumerate(rows, 1):
            if isinstance(row, dict) and "model" in row:
                claims += _row(row, f"{file} [[{block}]] {i}", notes=notes)
    return claims + check_convolutions(data.get("convolution_arithmetic"), file)


def _row(row: Mapping[str, Any], source: str, *, notes: bool) -> list[Claim]:
    model, fc = str(row["model"]), row.get("fc_layers")
    conv_name = next((n for n in _CONVOLUTIONAL if isinstance(row.get(n), int)), None)
    if conv_name is None or not isinstance(fc, int):
        note = row.get("note")
        if notes and note and re.search(r"\d", str(note)) and "parameters" in str(note):
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


def check_convolutions(block: Any, file: str) -> list[Claim]:
    """Recompute the worked examples of output sizes: (t, k, p, s, d) -> u."""
    examples = block.get("examples") if isinstance(block, dict) else None
    claims = []
    for i, row in enumerate(examples if isinstance(examples, list) else [], 1):
        names = ("t", "k", "p", "s", "d")
        if not isinstance(row, dict) or not all(isinstance(row.get(n), int) for n in (*names, "u")):
            continue
        t, k, p, s, d = (row[n] for n in names)
        try:
            size = output_size(t, k, p=p, s=s, d=d)
        except InputError as error:
            claims.append(_unknown(f"convolution example {i}", str(error), f"{file} [convolution]"))
            continue
        text = f"convolution of {t} by {k}, padding {p}, stride {s}, dilation {d}"
        claims.append(
            Claim("architecture", text,
                  Verdict.CONFIRMED if size == row["u"] else Verdict.INCONSISTENT, str(row["u"]),
                  str(size),
                  f"floor(({t} - {k} - {k - 1} x {d - 1} + 2 x {p}) / {s}) + 1 = {size}",
                  f"{file} [convolution_arithmetic] example {i}")
        )  # fmt: skip
    return claims


def _unknown(text: str, why: str, source: str) -> Claim:
    return Claim("architecture", text, Verdict.UNCHECKED, source=source, note=why)


def check_table1_cells(rows: Sequence[Mapping[str, Any]], file: str) -> list[Claim]:
    """Check every cell of a published table of networks against the counted reference network."""
    from review.models.table1 import check_table1

    claims = []
    for i, row in enumerate(rows, 1):
        source = f"{file} [[table1]] {i}"
        try:
            checked = check_table1([dict(row)], torch=False).rows[0]
        except InputError as error:  # a network without a reference, or a number in words
            claims.append(_unknown(f"Table 1: {row.get('model')}", str(error), source))
            continue
        for cell in checked.cells:
            text = f"Table 1: {cell.column.replace('_', ' ')} of {checked.model} {cell.printed}"
            cut = cell.verdict == "differs" and parse(cell.printed).is_cut_off(cell.reproduced)
            claims.append(
                Claim("table1", text, Verdict.ROUNDING if cut else _REFERENCE[cell.verdict.value],
                      cell.printed, f"{cell.reproduced:,}",
                      f"counted on the layers of {checked.backbone}: {cell.reproduced:,}",
                      f"{source} {cell.column}", cell.explanation)
            )  # fmt: skip
    return claims


_REFERENCE: Final = {
    "exact": Verdict.CONFIRMED,
    "rounds to": Verdict.CONFIRMED,
    "differs": Verdict.INCONSISTENT,
}


def check_reference_claims(review: str) -> list[Claim]:
    """Check what a bundled review states about networks against the reference networks."""
    from review.models.claims import check_claims

    return [
        Claim("reference network", f"{c.place}: {c.printed}", _REFERENCE[c.verdict.value],
              c.printed, c.reproduced, f"reference network: {c.reproduced}",
              "published.toml", c.explanation)
        for c in check_claims()
        if c.review == review and not c.place.startswith("Equation")
    ]  # fmt: skip
