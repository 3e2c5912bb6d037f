"""`review bench`: trains networks on a folder of images under the transfer-learning types."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from review.cli.common import (
    DEFAULT_OUT,
    FiguresOption,
    JsonOption,
    OutOption,
    echo,
    print_json,
    print_table,
    warn,
)
from review.cli.terminal import terminal_text
from review.words import significant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from review.models.bench_result import BenchResult
    from review.models.bench_settings import BenchSettings


def bench(
    *,
    images: Annotated[
        Path,
        typer.Option(
            "--images",
            metavar="DIR",
            help="A folder with one folder of images per class, or with such folders below "
            "train and val.",
        ),
    ],
    backbones: Annotated[
        str,
        typer.Option(metavar="NAMES", help="Networks, joined by commas; 'tiny' for a first try."),
    ] = "VGG19",
    tl: Annotated[
        str,
        typer.Option(
            metavar="TYPES",
            help="Transfer-learning types, joined by commas: feature_extractor, "
            "feature_extractor_hybrid, fine_tuning, fine_tuning_from_scratch; or all.",
        ),
    ] = "feature_extractor",
    lr: Annotated[
        str, typer.Option(metavar="RATES", help="Learning rates, joined by commas.")
    ] = "1e-4,1e-5",
    epochs: Annotated[
        str,
        typer.Option(metavar="NUMBERS", help="Epochs, joined by commas; they pair with --lr."),
    ] = "20,40",
    grid: Annotated[bool, typer.Option("--grid", help="Every rate with every epochs.")] = False,
    weights: Annotated[
        str,
        typer.Option(metavar="FILE|imagenet|none", help="What the networks start from."),
    ] = "imagenet",
    unfreeze: Annotated[int, typer.Option(help="Blocks that fine_tuning trains.")] = 1,
    seed: Annotated[
        str, typer.Option("--seed", "--seeds", metavar="N", help="Seeds, joined by commas.")
    ] = "1",
    validation: Annotated[float, typer.Option(help="Share of each class that is held out.")] = 0.2,
    batch_size: Annotated[int, typer.Option(help="Images per step.")] = 8,
    image_size: Annotated[
        int | None, typer.Option(metavar="PIXELS", help="Instead of the network's own.")
    ] = None,
    classifier: Annotated[
        str, typer.Option(help="Of the hybrid: svm, logistic or random_forest.")
    ] = "svm",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    out: OutOption = None,
    formats: FiguresOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train networks on your images and compare the transfer-learning types.

    Writes curves of accuracy and loss, a figure on their stability, the values of every epoch and
    a summary. With --json the summary goes to standard output, and files are written only when
    --out or --format is given. Needs the extra 'torch'.
    """
    from review.models.bench_settings import BenchSettings, schedules
    from review.plots.export import parse_formats

    chosen = parse_formats(formats or [])
    settings = BenchSettings(
        images=images,
        backbones=_names(backbones),
        kinds=_kinds(tl),
        schedules=schedules(lr, epochs, grid=grid),
        weights=weights,
        unfreeze=unfreeze,
        seeds=_seeds(seed),
        validation=validation,
        batch_size=batch_size,
        image_size=image_size,
        classifier=classifier,
        device=device,
    )
    if out is not None:
        from review.project.write import output_folder

        output_folder(out)
    result = _run(settings)
    _report(result, out, chosen if not as_json or out is not None or formats else (), as_json)


def _names(text: str) -> tuple[str, ...]:
    from review.models.backbones import find_backbone
    from review.models.bench_settings import TINY

    names = [part.strip() for part in text.split(",") if part.strip()]
    return tuple(
        dict.fromkeys(n.lower() if n.lower() == TINY else find_backbone(n).key for n in names)
    )


def _kinds(text: str) -> Any:
    from review.models.transfer import KINDS

    names = [part.strip().replace("-", "_") for part in text.split(",") if part.strip()]
    return KINDS if names == ["all"] else tuple(dict.fromkeys(names))


def _seeds(text: str) -> tuple[int, ...]:
    from review.errors import InputError

    try:
        seeds = tuple(dict.fromkeys(int(part) for part in text.split(",")))
    except ValueError:
        raise InputError(f"--seed {text!r}: whole numbers joined by commas are needed") from None
    if min(seeds) < 0 or max(seeds) >= 2**32:
        raise InputError(f"--seed {text!r}: seeds lie between 0 and {2**32 - 1}")
    return seeds


def _run(settings: BenchSettings) -> BenchResult:
    from review.models.loader import reference

    train: Callable[..., BenchResult] = reference("bench", "bench")
    total = sum(run.epochs or 1 for run in settings.plan())
    with _progress(total) as step:
        return train(settings, step)


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Callable[[str, int], None]]:
    """Show a bar on a terminal; elsewhere name each run once."""
    import sys

    if not sys.stderr.isatty():
        seen: set[str] = set()

        def name(run: str, _done: int) -> None:
            if run not in seen:
                seen.add(run)
                warn(run)

        yield name
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        BarColumn(), MofNCompleteColumn(), TextColumn("epochs"), TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading images", total=total)
        yield lambda run, done: bar.update(task, description=terminal_text(run), advance=done)


def _report(result: BenchResult, out: Path | None, formats: Any, as_json: bool) -> None:
    from review.plots.artifact_json import statistics
    from review.plots.bench_figures import bench_artifact

    artifact = bench_artifact(result)
    context = {"review_title": f"Bench on {result.settings.images}"}
    written: list[Path] = []
    failed = None
    if formats:
        from review.cli.artifacts import write

        written, failed = write(
            [artifact], out or DEFAULT_OUT, formats, context, read=[result.settings.images]
        )
    if as_json:
        print_json(statistics(artifact, context))
    else:
        _print(result, artifact.notes, written)
    if failed is not None:
        raise failed


def _print(result: BenchResult, notes: tuple[str, ...], written: list[Path]) -> None:
    columns = {
        "network": "backbone", "type": "tl_type", "rate": "learning_rate", "epochs": "epochs",
        "seed": "seed", "trained": "trainable", "mean val. acc.": "mean_val_accuracy",
        "final": "final_val_accuracy", "best": "best_val_accuracy",
        "fluctuation": "fluctuation_val_accuracy", "s": "seconds",
    }  # fmt: skip
    rows = [[_short(run.summary()[c]) for c in columns.values()] for run in result.runs]
    print_table(list(columns), rows)
    for note in notes:
        echo(note)
    for path in written:
        echo(f"written: {path}")


def _short(value: Any) -> Any:
    return significant(value, 3) if isinstance(value, float) else value
