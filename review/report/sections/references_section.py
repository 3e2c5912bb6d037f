"""What the report cites: the review, its methods, and every study with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.report.blocks import Bullets, Group, Inline, Link, Section, text
from review.report.literature import REFERENCES, Reference
from review.report.snapshot import study_link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.project import Review
    from review.report.blocks import Block
    from review.report.results import Results
    from review.schema import Study

TITLE: Final = "References"
MOST_LISTED: Final = 1000  # more studies are in the table of studies only, with their links


def build(results: Results, sections: Sequence[Section]) -> Section:
    """Return the section.

    Args:
        results: of the review.
        sections: those of the report; they name the methods they used.
    """
    review = results.review
    blocks: list[Block] = []
    if review.settings.cite:
        cited: tuple[Inline, ...] = (review.settings.cite,)
        if review.settings.doi:
            cited = (*cited, " ", _doi(review.settings.doi))
        blocks.append(Group("references-review", "The review", (Bullets((cited,)),)))
    keys = dict.fromkeys(key for section in sections for key in section.references)
    if keys:
        items = sorted((_method(key) for key in keys), key=lambda item: str(item[0]).casefold())
        blocks.append(Group("references-methods", "Methods", (Bullets(tuple(items)),)))
    if review.studies:
        blocks.append(Group("references-studies", "Studies", (_studies(review),)))
    return Section("references", TITLE, tuple(blocks))


def _method(key: str | Reference) -> tuple[Inline, ...]:
    """A reference by its key, or one that a result object words itself."""
    known = REFERENCES.get(key) if isinstance(key, str) else key
    if known is None:
        return (_sentence(str(key)),)
    return (f"{known.text} ", _doi(known.doi)) if known.doi else (known.text,)


def _doi(doi: str) -> Link:
    return Link.web(f"doi:{doi}", doi)


def _studies(review: Review) -> Block:
    if len(review.studies) > MOST_LISTED:
        return text(
            f"The {len(review.studies):,} studies are in the ",
            Link("table of studies", "#studies"),
            ", each with a link to its source.",
        )
    ordered = sorted(review.studies, key=lambda s: (s.label.casefold(), s.study_id))
    return Bullets(tuple(_study(s) for s in ordered), numbered=True)


def _study(study: Study) -> tuple[Inline, ...]:
    """Author (year). Title. Venue. Link."""
    who = study.first_author or study.study_id
    year = f" ({study.year})" if study.year else ""
    parts = [f"{who}{year}.", study.title and _sentence(study.title)]
    parts.append(study.venue and _sentence(study.venue))
    said = " ".join(part for part in parts if part) + " "
    link = study_link(study)
    shown = f"doi:{study.doi}" if study.doi else (study.source_url or "")
    return (said, Link(shown, link)) if link else (said.strip(),)


def _sentence(words: str) -> str:
    return words if words.endswith((".", "?", "!")) else f"{words}."
