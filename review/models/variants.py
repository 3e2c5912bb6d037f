"""Variants of the reference networks: what a printed parameter count may have meant.

Each variant is an edit of the layer table, so that an explanation is a computed number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from review.models.printed import Printed, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from review.models.layers import Layer, LayerTable

    Edit = Callable[[Layer], Layer | None]


@dataclass(frozen=True)
class Variant:
    """A way to count a network.

    Attributes:
        label: what it counts, after "is".
        parameters: the count.
        edits: how far it is from the plain count; explanations prefer few.
    """

    label: str
    parameters: int
    edits: int


def variants(table: LayerTable) -> tuple[Variant, ...]:
    """Return the ways to count a network, plain ones first.

    Example:
        >>> from review.models.layers import layer_table
        >>> [v.parameters for v in variants(layer_table("VGG16")) if v.label.endswith("last layer")]
        [134260544]
    """
    found: list[Variant] = []
    for label, form, edits in _forms(table):
        found.append(Variant(f"the whole net{label}", form.parameters, edits))
        if form.fc_layers > 1:
            last = form.layers[-1] if form.layers[-1].kind == "fc" else _last_fc(form)
            count = form.parameters - last.parameters
            found.append(Variant(f"the net without its last layer{label}", count, edits + 1))
        found.append(
            Variant(f"the net without its fully connected layers{label}", form.features, edits)
        )
        if form.auxiliary and not label:
            found.append(
                Variant("the net with its auxiliary heads", form.parameters + form.auxiliary, 1)
            )
    return tuple(found)


def explain(printed: Printed, table: LayerTable) -> str:
    """Say which variant a printed parameter count may be, or that it is none of them.

    The variant with the fewest edits is taken that rounds to the printed number, or gives it with
    digits cut off.
    """
    known = variants(table)
    fits = [(v.edits, False, v) for v in known if printed.verdict(v.parameters) != Verdict.DIFFERS]
    cut = [(v.edits, True, v) for v in known if printed.is_cut_off(v.parameters)]
    if fits or cut:
        _, is_cut, best = min(fits + cut, key=lambda found: found[:2])
        rounded = printed.like(best.parameters)
        how = f", digits cut off instead of rounded to {rounded}" if is_cut else ""
        return f"{printed.text} is {best.label}: {best.parameters:,}{how}"
    near = min(known, key=lambda v: abs(v.parameters - printed.value))
    return (
        f"{printed.text} is none of {len(known)} ways to count the net; the nearest is "
        f"{near.label}: {near.parameters:,} ({printed.like(near.parameters)})"
    )


def _last_fc(table: LayerTable) -> Layer:
    return [row for row in table.layers if row.kind == "fc" and row.part == "classifier"][-1]


def _forms(table: LayerTable) -> Iterable[tuple[str, LayerTable, int]]:
    yield "", table, 0
    for label, edit, edits in (*_FORMS.get(table.model, ()), _NO_BIAS):
        changed = table.change(edit)
        if changed.layers != table.layers:
            yield f", {label}", changed, edits


def _no_bias(row: Layer) -> Layer:
    return replace(row, bias=0) if row.kind in {"conv", "fc"} else row


def _conv_bias(row: Layer) -> Layer:
    return replace(row, bias=1) if row.kind == "conv" else row


def _no_batch_norm(row: Layer) -> Layer:
    return replace(row, batch_norm=0, bias=1)


def _small_filters(row: Layer) -> Layer:
    return replace(row, a=3, b=3) if row.kind == "conv" and row.a == 5 else row


def _small_filters_no_bias(row: Layer) -> Layer:
    return _no_bias(_small_filters(row))


def _batch_norm(row: Layer) -> Layer:
    return replace(_small_filters(row), bias=0, batch_norm=1) if row.kind == "conv" else row


def _batch_norm_large(row: Layer) -> Layer:
    return replace(row, bias=0, batch_norm=1) if row.kind == "conv" else row


def grouped(row: Layer) -> Layer:
    """Share the filters of AlexNet's second, fourth and fifth layer out to two groups."""
    return replace(row, groups=2) if row.name in {"conv2", "conv4", "conv5"} else row


def _dense_c3(row: Layer) -> Layer | None:
    if row.name != "C3":
        return row
    return replace(row, inputs=6, filters=16) if row.inputs == 6 else None


def _plain_lenet(row: Layer) -> Layer | None:
    if row.kind == "scale":
        return None
    return replace(row, kind="fc", bias=1) if row.kind == "fixed" else _dense_c3(row)


def _counted_output(row: Layer) -> Layer:
    return replace(row, kind="fc") if row.kind == "fixed" else row


_NO_BIAS: Final = ("weights without biases", _no_bias, 1)
_FORMS: Final[dict[str, tuple[tuple[str, Edit, int], ...]]] = {
    "LeNet5": (
        ("with its fixed output codes counted", _counted_output, 1),
        ("with C3 reading all maps of S2", _dense_c3, 1),
        ("as later libraries build it (dense C3, plain pooling, trained output)", _plain_lenet, 3),
    ),
    "AlexNet": (("in two groups as in the paper", grouped, 1),),
    "GoogLeNet": (
        ("with 3 x 3 instead of 5 x 5 filters", _small_filters, 1),
        ("3 x 3 instead of 5 x 5 filters, weights without biases", _small_filters_no_bias, 2),
        ("with batch normalisation instead of biases", _batch_norm_large, 1),
        ("as later libraries build it (batch normalisation, 3 x 3 filters)", _batch_norm, 2),
    ),
    "ResNet50": (
        ("with biases in its convolutions too", _conv_bias, 1),
        ("by the formula of the paper: biases, no batch normalisation", _no_batch_norm, 1),
    ),
    "ResNet152": (
        ("with biases in its convolutions too", _conv_bias, 1),
        ("by the formula of the paper: biases, no batch normalisation", _no_batch_norm, 1),
    ),
}
