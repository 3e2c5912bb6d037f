"""Kinds of records in the words of RIS, BibTeX and CSL-JSON."""

from __future__ import annotations

from typing import Final

# what a text for the kind of a record holds -> RIS, BibTeX, CSL; the first that fits
_KINDS: Final = (
    (("chapter", "incollection", "inbook", "chap"), "CHAP", "incollection", "chapter"),
    (("conference", "proceeding", "conf", "cpaper", "meeting"), "CPAPER", "inproceedings",
     "paper-conference"),
    (("thesis", "dissertation", "thes"), "THES", "phdthesis", "thesis"),
    (("report", "rprt"), "RPRT", "techreport", "report"),
    (("preprint", "unpublished", "unpb", "manuscript"), "UNPB", "unpublished", "article"),
    (("webpage", "web page", "elec", "online", "website", "post"), "ELEC", "misc", "webpage"),
    (("journal", "article", "jour", "review", "letter", "editorial", "trial", "comment",
      "research support", "meta-analysis"), "JOUR", "article", "article-journal"),
    (("book", "monograph"), "BOOK", "book", "book"),
    (("data", "dataset"), "DATA", "misc", "dataset"),
)  # fmt: skip
_NONE: Final = ("GEN", "misc", "document")
PLACES: Final = {"RIS": 0, "BibTeX": 1, "CSL-JSON": 2}


def type_for(kind: str, target: str) -> str:
    """Return the kind of a record in the words of a format.

    Args:
        kind: as an export says it; one that is a word of the format stays.
        target: RIS, BibTeX or CSL-JSON.

    Example:
        >>> type_for("Journal Article; Review", "RIS"), type_for("CHAP", "BibTeX")
        ('JOUR', 'incollection')
        >>> type_for("", "CSL-JSON"), type_for("GEN", "RIS")
        ('document', 'GEN')
    """
    place = PLACES[target]
    known = {words[place] for _, *words in _KINDS} | {_NONE[place]}
    if kind in known:
        return kind
    low = kind.casefold()
    for parts, *words in _KINDS:
        if any(part in low for part in parts):
            return words[place]
    return _NONE[place]
