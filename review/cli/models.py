"""`review models`: Table 1 checked, or the counts of single networks."""

from __future__ import annotations

from typing import Annotated

import typer

from review.cli.common import (
    FiguresOption,
    JsonOption,
    OutOption,
    ReviewOption,
    TrustOption,
    echo,
    print_json,
    print_table,
)
from review.words import count, percent


def models(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NETWORK]...", help="Networks to count, such as VGG16."),
    ] = None,
    *,
    listing: Annotated[bool, typer.Option("--list", help="List all networks.")] = False,
    classes: Annotated[
        int, typer.Option(help="Classes of the new last layer, for named networks.")
    ] = 2,
    unfreeze: Annotated[
        int, typer.Option(help="Blocks that fine-tuning trains, for named networks.")
    ] = 1,
    review: ReviewOption = None,
    out: OutOption = None,
    formats: FiguresOption = None,
    trust: TrustOption = False,
    as_json: JsonOption = False,
) -> None:
    """Check every cell of Table 1, or show what is trained of the networks named.

    Without a name this is 'review analyze --table 1'.
    """
    if names:
        _named(names, classes, unfreeze, as_json=as_json)
    elif listing:
        _list(as_json=as_json)
    else:
        from review.cli.analyze import analyze

        analyze(table=["1"], review=review, out=out, formats=formats, trust=trust, as_json=as_json)


def _list(*, as_json: bool) -> None:
    from dataclasses import asdict

    from review.models.backbones import backbones

    if as_json:
        print_json([asdict(b) | {"blocks": dict(b.blocks)} for b in backbones().values()])
        return
    rows = [
        (b.key, b.year, f"{b.parameters:,}", b.depth, len(b.blocks), b.input, b.source,
         b.imagenet or "-") for b in backbones().values()
    ]  # fmt: skip
    columns = ("network", "year", "parameters", "depth", "blocks", "pixels", "counted on",
               "ImageNet weights")  # fmt: skip
    print_table(columns, rows)


def _named(names: list[str], classes: int, unfreeze: int, *, as_json: bool) -> None:
    from dataclasses import asdict

    from review.models.backbones import find_backbone
    from review.models.transfer import transfer_counts

    found = [find_backbone(name) for name in names]
    counts = transfer_counts(names, n_classes=classes, unfreeze=unfreeze)
    if as_json:
        print_json(
            [
                asdict(b)
                | {"blocks": dict(b.blocks)}
                | {"transfer": [c.to_dict() for c in counts if c.backbone == b.key]}
                for b in found
            ]
        )
        return
    for net in found:
        echo(f"{net.key} ({net.year}; {net.paper})")
        echo(
            f"  {net.parameters:,} parameters, {net.features:,} of them in the feature extractor; "
            f"{net.depth} layers deep"
        )
        echo("  blocks: " + ", ".join(f"{name} {n:,}" for name, n in net.blocks))
    print_table(
        ("network", "type", "trained", "of", "share", "blocks"),
        [
            (c.backbone, c.kind, count(c.trainable), count(c.total), percent(100 * c.share),
             f"{c.unfrozen} of {c.blocks}") for c in counts
        ],
    )  # fmt: skip
