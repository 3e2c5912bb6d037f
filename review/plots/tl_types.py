"""The four types of transfer learning: which blocks of a network stay, are retrained, replaced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from review.plots.svg import arrow, document, text_line, wrap
from review.plots.theme import INK, MUTED, PALETTE
from review.words import percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

State = Literal["frozen", "retrained", "replaced"]
CONVOLUTIONS: Final = ("conv 1", "conv 2", "conv 3", "conv 4", "conv 5")
CLASSIFIER: Final = "classifier"
FILLS: Final[dict[State, str]] = {
    "frozen": "#D3E5F3", "retrained": "#F5C04A", "replaced": "#8FD8C3",
}  # fmt: skip
MEANING: Final[dict[State, str]] = {
    "frozen": "frozen: keeps the weights of the source task",
    "retrained": "retrained on the medical images",
    "replaced": "replaced by a classical classifier (SVM, random forest, ...)",
}

HATCHING: Final = (
    '<defs><pattern id="HATCH" width="8" height="8" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="8" height="8" fill="#D3E5F3"/>'
    '<path d="M0 0 V8" stroke="#7FA8C9" stroke-width="1.5"/></pattern></defs>'
)
WIDTH: Final = 850
TOP: Final = 66
NAME_WIDTH: Final = 200
BLOCK: Final = 84
BLOCK_GAP: Final = 12
ROW: Final = 92
TALL: Final = 52
# the bars at the right: names of the networks, a full bar, its number
NETWORK: Final = 78
FULL: Final = 110
BARS: Final = NETWORK + FULL + 70


@dataclass(frozen=True)
class TransferType:
    """One type: its word in the vocabulary, its name, the state of each block."""

    word: str
    name: str
    states: Mapping[str, State]


def _type(word: str, name: str, frozen: int, head: State) -> TransferType:
    states: dict[str, State] = {
        block: "frozen" if i < frozen else "retrained" for i, block in enumerate(CONVOLUTIONS)
    }
    return TransferType(word, name, states | {CLASSIFIER: head})


# Kim et al. 2022, Fig. 2 and "Transfer learning with convolutional neural networks"
TYPES: Final = (
    _type("feature_extractor_hybrid", "Feature extractor hybrid", 5, "replaced"),
    _type("feature_extractor", "Feature extractor", 5, "retrained"),
    _type("fine_tuning", "Fine-tuning", 4, "retrained"),
    _type("fine_tuning_from_scratch", "Fine-tuning from scratch", 0, "retrained"),
)


def block_rows(types: Sequence[TransferType] = TYPES) -> list[dict[str, Any]]:
    """Return one row per type and block, as drawn."""
    return [
        {"tl_type": t.word, "block": block, "state": state}
        for t in types
        for block, state in t.states.items()
    ]


def tl_types_svg(
    title: str,
    facts: Mapping[str, Sequence[str]],
    shares: Mapping[str, Sequence[tuple[str, float]]] | None = None,
) -> str:
    """Return the drawing.

    Args:
        title: announced by screen readers and shown on top.
        facts: lines of text per type, such as how many studies use it.
        shares: per type, networks and the share (0 to 1) of their parameters that is trained;
            drawn as bars.
    """
    parts = [HATCHING, text_line(20, 28, title, bold=True, size=15)]
    width = WIDTH + BARS if shares else WIDTH
    if shares:
        parts.append(text_line(WIDTH, 52, "share of the parameters trained", bold=True, size=12))
    for i, kind in enumerate(TYPES):
        y = TOP + i * ROW
        letter = "abcd"[i]
        parts.append(text_line(20, y + 20, f"{letter}  {kind.name}", bold=True))
        lines = [part for line in facts.get(kind.word, ()) for part in wrap(line, NAME_WIDTH, 11)]
        parts += [
            text_line(20, y + 37 + 14 * j, line, fill=MUTED, size=11)
            for j, line in enumerate(lines[:4])
        ]
        parts += _blocks(kind, y)
        if shares and kind.word in shares:
            parts += _bars(shares[kind.word], y)
    bottom = TOP + len(TYPES) * ROW
    parts += _legend(bottom)
    return document(width, bottom + 40, title, describe(facts, shares), parts)


def describe(
    facts: Mapping[str, Sequence[str]],
    shares: Mapping[str, Sequence[tuple[str, float]]] | None = None,
) -> str:
    """Return the drawing in words."""
    said = []
    for kind in TYPES:
        frozen = [b for b in CONVOLUTIONS if kind.states[b] == "frozen"]
        layers = {
            len(CONVOLUTIONS): "all convolution blocks frozen",
            0: "all convolution blocks retrained",
        }.get(len(frozen), "the first convolution blocks frozen, the last ones retrained")
        text = f"{kind.name}: {layers}, classifier {kind.states[CLASSIFIER]}"
        extra = [*facts.get(kind.word, ())]
        if shares and kind.word in shares:
            listed = ", ".join(
                f"{name} {percent(100 * share)}" for name, share in shares[kind.word]
            )
            extra.append(f"parameters trained: {listed}")
        said.append(text + (f" ({'; '.join(extra)})" if extra else ""))
    return ". ".join(said) + "."


def _blocks(kind: TransferType, y: float) -> list[str]:
    parts = []
    x = 20.0 + NAME_WIDTH
    last = len(kind.states) - 1
    for i, (block, state) in enumerate(kind.states.items()):
        wide = BLOCK + (24 if block == CLASSIFIER else 0)
        fill = "url(#HATCH)" if state == "frozen" else FILLS[state]
        dash = ' stroke-dasharray="5 3"' if state == "replaced" else ""
        parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{wide}" height="{TALL}" rx="4" fill="{fill}" '
            f'stroke="{INK}" stroke-width="1.2"{dash}/>'
        )
        if state == "frozen":
            # a plain ground keeps the words readable on the hatching
            parts.append(
                f'<rect x="{x + 10:g}" y="{y + 8:g}" width="{wide - 20}" height="{TALL - 16}" '
                f'rx="3" fill="#FFFFFF" fill-opacity="0.85"/>'
            )
        middle = x + wide / 2
        parts.append(text_line(middle, y + 23, block, bold=True, anchor="middle", size=12))
        parts.append(text_line(middle, y + 39, state, anchor="middle", size=12))
        x += wide
        if i < last:
            parts.append(arrow(x, y + TALL / 2, x + BLOCK_GAP, y + TALL / 2))
        x += BLOCK_GAP
    return parts


def _bars(shares: Sequence[tuple[str, float]], y: float) -> list[str]:
    parts = []
    step = (ROW - 24) / max(len(shares), 4)
    for i, (name, share) in enumerate(shares):
        top = y - 4 + i * step
        x = WIDTH + NETWORK
        parts.append(text_line(x - 8, top + 11, name, anchor="end", size=11.5))
        parts.append(
            f'<rect x="{x}" y="{top:g}" width="{FULL}" height="{step - 4:g}" fill="#FFFFFF" '
            f'stroke="{MUTED}" stroke-width="0.8"/>'
            f'<rect x="{x}" y="{top:g}" width="{FULL * share:g}" height="{step - 4:g}" '
            f'fill="{PALETTE[0]}"/>'
        )
        parts.append(text_line(x + FULL + 6, top + 11, percent(100 * share), size=11.5))
    return parts


def _legend(y: float) -> list[str]:
    parts, x = [], 20.0
    for state, text in MEANING.items():
        fill = "url(#HATCH)" if state == "frozen" else FILLS[state]
        dash = ' stroke-dasharray="4 2"' if state == "replaced" else ""
        parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="22" height="16" fill="{fill}" stroke="{INK}"{dash}/>'
        )
        parts.append(text_line(x + 30, y + 13, text, size=12))
        x += 50 + 6.3 * len(text)
    return parts
