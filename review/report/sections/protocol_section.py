"""Title, question, authors, registration and eligibility."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.report.blocks import Bullets, Facts, Group, Inline, Link, Section, paragraphs, text

if TYPE_CHECKING:
    from review.report.blocks import Block
    from review.report.results import Results

TITLE: Final = "Title and protocol"
NOT_STATED: Final = "not stated"
# PRISMA 2020 asks for these, so a reader is told when they are not stated
ASKED_FOR: Final = ("Title", "Question", "Authors", "Registration", "Protocol")


def build(results: Results) -> Section:
    """Return the section."""
    settings = results.review.settings
    protocol = settings.protocol
    doi: tuple[Inline, ...] = (Link.web(settings.doi, settings.doi),)
    stated: list[tuple[str, tuple[Inline, ...]]] = [
        ("Title", (settings.title,)),
        ("Question", (settings.question,)),
        ("Authors", (", ".join(settings.authors),)),
        ("Registration", (protocol.registration,)),
        ("Protocol", (Link.web(protocol.link, protocol.link),)),
        ("Publication", (settings.cite,)),
        ("DOI", doi),
        ("Studies published until", (str(protocol.published_until or ""),)),
        ("Studies shown", (settings.sample,)),
        ("Licence of the data", (settings.license,)),
    ]
    rows = tuple(
        (name, parts if _filled(parts) else (NOT_STATED,))
        for name, parts in stated
        if _filled(parts) or name in ASKED_FOR
    )
    blocks: list[Block] = [text(settings.summary)] if settings.summary else []
    blocks.append(Facts(rows))
    for ident, title, words in (
        ("abstract", "Abstract", settings.abstract),
        ("background", "Background", settings.background),
    ):
        if words:
            blocks.append(Group(ident, title, paragraphs(words)))
    if protocol.eligibility:
        items = Bullets(tuple((criterion,) for criterion in protocol.eligibility))
        blocks.append(Group("eligibility", "Eligibility criteria", (items,)))
    if protocol.amendments:
        changes = Bullets(tuple((change,) for change in protocol.amendments))
        blocks.append(Group("amendments", "Changes to the protocol", (changes,)))
    return Section("protocol", TITLE, tuple(blocks))


def _filled(parts: tuple[Inline, ...]) -> bool:
    return any(p.text if isinstance(p, Link) else p for p in parts)
