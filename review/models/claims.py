"""What three reviews state about the reference networks, beside Table 1 of Kim et al. 2022.

Wang et al. (2021): Table 6 and the worked examples of the convolution arithmetic; Kim et al.:
the ratios of their discussion; Druzhinina et al. (2021): their claims about architectures.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from review.models.backbones import Family, resolve
from review.models.convolution import conv_parameters, output_size
from review.models.layers import TABLES, LayerTable, layer_table
from review.models.printed import Verdict, parse
from review.models.variants import explain

if TYPE_CHECKING:
    from collections.abc import Iterable

_NOTE_NUMBER: Final = re.compile(r"([0-9.]+ (?:million|billion))")


@dataclass(frozen=True)
class Claim:
    """A statement with a number, checked.

    Attributes:
        review: the review that states it.
        place: where, and what it is about.
        printed: the number as printed.
        reproduced: the recomputed number, as text in the same style.
    """

    review: str
    place: str
    printed: str
    reproduced: str
    verdict: Verdict
    explanation: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return {**asdict(self), "verdict": self.verdict.value}


def check_claims() -> tuple[Claim, ...]:
    """Check the statements of the three bundled reviews about networks.

    Example:
        >>> [c.verdict.value for c in check_claims() if c.place.startswith("Equation")]
        ['exact', 'exact', 'exact', 'exact', 'exact']
    """
    from review.project import open_review

    stated: dict[str, dict[str, Any]] = {}
    for name in ("kim2022", "wang2021", "shtem2021"):
        published = open_review(name).published
        stated[name] = published.data if published is not None else {}
    return (
        *_ratios(stated["kim2022"]),
        *_table6(stated["wang2021"].get("table6", ())),
        *_examples(stated["wang2021"].get("convolution_arithmetic", {})),
        *_architectures(stated["shtem2021"].get("architecture_claims", ())),
    )


def _ratios(published: dict[str, Any]) -> Iterable[Claim]:
    cells = {row["model"]: row for row in published.get("table1", ())}
    for claim in published.get("claims", ()):
        if claim["kind"] != "ratio":
            continue
        over, under = (claim[k].split(".")[1] for k in ("numerator", "denominator"))
        printed = parse(claim["value"])
        a, b = layer_table(over).parameters, layer_table(under).parameters
        verdict = printed.verdict(Fraction(a, b))
        x, y = (cells[name]["parameters"] for name in (over, under))
        from_cells = parse(x).value / parse(y).value
        text = f"{a:,} / {b:,} = {a / b:.3f}"
        if verdict == Verdict.DIFFERS and printed.verdict(from_cells) != Verdict.DIFFERS:
            text += f"; {printed.text} follows from the printed {x} / {y} = {from_cells:.3f}"
        yield Claim(
            "kim2022",
            f"Discussion: parameters of {over} / {under}",
            printed.text,
            printed.like(Fraction(a, b)),
            verdict,
            text,
        )


def _table6(rows: Iterable[dict[str, Any]]) -> Iterable[Claim]:
    for row in rows:
        table = _deepest(row["model"])
        name = row["model"] + ("" if table.model == row["model"] else f" ({table.model})")
        counted = {
            "layers": ("layers", table.depth),
            "conv_layers": ("convolutional layers", table.feature_depth),
            "fc_layers": ("fully connected layers", table.fc_layers),
        }
        beside = table.conv_layers - table.feature_depth
        for column, (what, number) in counted.items():
            note = ""
            if beside and column == "conv_layers":
                note = f"on the longest path; {table.conv_layers} in all, {beside} beside it"
            yield _integer("wang2021", f"Table 6: {what} of {name}", row[column], number, note)
        yield _kernels(name, row["kernel_sizes"], table)


def _kernels(name: str, printed: list[int], table: LayerTable) -> Claim:
    own, said = sorted(table.kernel_sizes, reverse=True), sorted(printed, reverse=True)
    wrong = [f"no {k} x {k} filter" for k in said if k not in own]
    missing = [f"{k} x {k} filters are not listed" for k in own if k not in said]
    return Claim(
        "wang2021",
        f"Table 6: kernel sizes of {name}",
        ", ".join(map(str, said)),
        ", ".join(map(str, own)),
        Verdict.EXACT if own == said else Verdict.DIFFERS,
        "; ".join(wrong + missing),
    )


def _examples(arithmetic: dict[str, Any]) -> Iterable[Claim]:
    for example in arithmetic.get("examples", ()):
        t, k, p, s, d = (example[name] for name in "tkpsd")
        equation = 17 if d > 1 else 4
        yield _integer(
            "wang2021",
            f"Equation {equation}: t={t}, k={k}, p={p}, s={s}, d={d}",
            example["u"],
            output_size(t, k, p=p, s=s, d=d),
        )
    if arithmetic:
        whole, shared = conv_parameters(5, 5, 96, 256), conv_parameters(5, 5, 96, 256, g=2)
        yield Claim(
            "wang2021",
            "Equation 13: two groups halve the weights (AlexNet, conv2)",
            "Q / 2",
            f"{shared:,} = {whole:,} / 2",
            Verdict.EXACT if shared * 2 == whole else Verdict.DIFFERS,
        )


def _architectures(claims: Iterable[dict[str, Any]]) -> Iterable[Claim]:
    for claim in claims:
        table = layer_table(claim["model"])
        for column, what, number in (
            ("conv_layers", "convolutional layers", table.feature_depth),
            ("fc_layers", "fully connected layers", table.fc_layers),
        ):
            if column in claim:
                yield _integer("shtem2021", f"{what} of {table.model}", claim[column], number)
        numbers = _NOTE_NUMBER.findall(claim.get("note", ""))
        # "from A to B": A is the net before, taken as VGG16, the one that the number is nearest to
        nets = (("VGG16", "before"), (table.model, "after"))
        for text, (net, role) in zip(numbers, nets, strict=False):
            printed, own = parse(text), layer_table(net)
            verdict = printed.verdict(own.parameters)
            yield Claim(
                "shtem2021",
                f"parameters {role} {claim['model']} (of {net})",
                text,
                printed.like(own.parameters),
                verdict,
                f"{net} has {own.parameters:,}"
                + ("" if verdict != Verdict.DIFFERS else f"; {explain(printed, own)}"),
            )


def _integer(review: str, place: str, printed: int, number: int, note: str = "") -> Claim:
    verdict = Verdict.EXACT if printed == number else Verdict.DIFFERS
    return Claim(review, place, str(printed), str(number), verdict, note)


def _deepest(name: str) -> LayerTable:
    """Return the layer table of a network, or of the deepest member of a family."""
    found = resolve(name)
    members = found.members if isinstance(found, Family) else (name,)
    tables = [layer_table(m) for m in members if not isinstance(found, Family) or m in TABLES]
    return max(tables, key=lambda table: table.depth)
