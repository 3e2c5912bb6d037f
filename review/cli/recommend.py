"""`review recommend`: what the coded studies say about a data set like one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from review.cli.common import (
    JsonOption,
    ReviewOption,
    WhereOption,
    echo,
    load,
    print_json,
    print_table,
)
from review.words import count, percent

if TYPE_CHECKING:
    from review.workflow.recommend import Recommendation


def recommend(
    *,
    modality: Annotated[
        str | None, typer.Option(metavar="WORD", help="Imaging modality, such as MRI.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option(metavar="WORD", help="Part of the body, such as nervous_system.")
    ] = None,
    n: Annotated[
        int | None, typer.Option("--n", metavar="N", help="Images (or patients) of your data.")
    ] = None,
    classes: Annotated[int | None, typer.Option(metavar="N", help="Classes to tell apart.")] = None,
    most: Annotated[int, typer.Option(help="Studies and comparisons to print.")] = 15,
    review: ReviewOption = None,
    where: WhereOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the comparable studies, what they used, what training it takes, and the paper's advice.

    Headline values of different studies are shown, never ranked.
    """
    from review.workflow.recommend import recommend as search
    from review.workflow.recommend import to_dict
    from review.workflow.recommend_text import ADVICE, ADVICE_SOURCE, thinness

    found = search(load(review, where), modality=modality, subject=subject, n=n, classes=classes)
    evidence = list(thinness(found))
    if as_json:
        advice = {"steps": list(ADVICE), "source": ADVICE_SOURCE}
        print_json({**to_dict(found), "evidence": evidence, "advice": advice})
        return
    _heading("How much evidence there is", first=True)
    for line in evidence:
        echo(f"  {line}")
    if found.studies:
        _studies(found, most)
        _used(found, most)
    _trained(found)
    _heading("Advice")
    for i, step in enumerate(ADVICE, start=1):
        echo(f"  {i}. {step}")
    echo(f"  Source: {ADVICE_SOURCE}. Try it on your images: review bench --images DIR")


def _heading(text: str, *, first: bool = False) -> None:
    echo(text if first else f"\n{text}")


def _studies(found: Recommendation, most: int) -> None:
    from review.workflow.recommend_text import study_line

    _heading("Comparable studies, most alike first")
    for study in found.studies[:most]:
        echo(f"  {study_line(study)}")
        if study.link:
            echo(f"    {study.link}")
    _more(len(found.studies), most, "studies")


def _used(found: Recommendation, most: int) -> None:
    from review.workflow.recommend_text import compared_line, contest_line, usage_line

    for title, usages in (
        ("Networks they used (by frequency; values are no ranking)", found.networks),
        ("Transfer-learning types they used (by frequency)", found.tl_types),
    ):
        _heading(title)
        for usage in usages[:most]:
            echo(f"  {usage_line(usage)}")
        _more(len(usages), most, "more")
    if found.compared:
        _heading("Several models on the same data, within comparable studies")
        for compared in found.compared[:most]:
            echo(f"  {compared_line(compared)}")
        _more(len(found.compared), most, "comparisons")
    for title, contests in (
        ("Who did better within comparable studies", found.contests),
        ("Who did better within any study of the review", found.all_contests),
    ):
        if contests:
            _heading(title)
            for contest in contests[:most]:
                echo(f"  {contest_line(contest)}")
            _more(len(contests), most, "pairs")


def _trained(found: Recommendation) -> None:
    _heading(f"What each type trains ({found.trained[0].n_classes} classes)")
    columns = ["network", "type", "trained parameters", "of", "share"]
    rows = []
    for i, c in enumerate(found.trained):
        row = [c.backbone, c.kind, count(c.trainable), count(c.total), percent(100 * c.share)]
        if found.per_case:
            row.append(f"{found.per_case[i]:,.{0 if found.per_case[i] >= 10 else 1}f}")
        rows.append(row)
    print_table([*columns, "per case"] if found.per_case else columns, rows)


def _more(total: int, shown: int, what: str) -> None:
    if total > shown:
        echo(f"  and {total - shown} {what} (--most {total}, or --json)")
