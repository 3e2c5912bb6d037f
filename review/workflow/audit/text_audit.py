"""The statistics of a text file recomputed: `review audit --text FILE`."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from review.errors import InputError
from review.formats.document_text import document_of, read_document
from review.words import listed, plural
from review.workflow.audit.claim import AuditReport
from review.workflow.audit.said_words import words_in
from review.workflow.audit.text_claims import claims_on
from review.workflow.audit.text_signs import plain_signs_of
from review.workflow.audit.text_strings import find_strings

if TYPE_CHECKING:
    from review.formats.document_text import DocumentText
    from review.workflow.audit.claim import Claim
    from review.workflow.audit.text_strings import Found

_LONGEST: Final = 200  # signs of a quote
_NOUNS: Final = {
    "statistic": "test statistic", "effect": "estimate with its interval",
    "score": "score with its interval", "coefficient": "coefficient with its standard error",
    "share": "count with its percentage", "mean": "mean with its SD", "median": "median",
}  # fmt: skip
_MANY: Final = {
    "effect": "estimates with their intervals", "score": "scores with their intervals",
    "coefficient": "coefficients with their standard errors",
    "share": "counts with their percentages", "mean": "means with their SDs",
}  # fmt: skip


def audit_text(path: Path) -> AuditReport:
    """Recompute the statistics that stand in the sentences of a paper or manuscript.

    Read are test statistics with their p-values (t, F, chi2, z, r, rho, Q, U), estimates with
    interval and p-value, coefficients with standard errors, counts with percentages, means and
    medians with SD, range or quartiles, in APA and Vancouver style.

    Args:
        path: a .txt, .md, .html, .docx or .pdf file.

    Returns:
        One or more claims per string, each with the string quoted and its place.

    Raises:
        DataError: the file cannot be read, or has no text.
        MissingExtraError: the package that reads the format is not installed.
    """
    if not isinstance(path, str | os.PathLike):
        raise InputError(f"path must name a file, not be a {type(path).__name__}")
    return audit_document(read_document(Path(path)))


def audit_sentences(text: str, *, subject: str = "text") -> AuditReport:
    """Recompute the statistics of a text; see `audit_text`.

    Example:
        >>> report = audit_sentences("The groups differed, t(28) = 2.20, p = .003.")
        >>> report.claims[0].verdict.value, report.claims[0].recomputed
        ('inconsistent', '0.03623')
    """
    if not isinstance(text, str):
        raise InputError(f"text must be a text, not {type(text).__name__}")
    lines = [(f"line {i}", line) for i, line in enumerate(text.splitlines(), 1)]
    return audit_document(document_of(subject, lines))


def audit_document(document: DocumentText) -> AuditReport:
    """Recompute the statistics of a text that was read."""
    plain = plain_signs_of(document.text)
    found = find_strings(plain)
    elsewhere = words_in(plain)
    claims: list[Claim] = []
    silent = 0
    for one in found:
        quote = _quote(document.text, one)
        made = claims_on(one, plain, document.place(one.start), elsewhere)
        claims += [replace(c, quote=quote) for c in made]
        silent += one.kind == "p" and not made
    notes = [*document.notes, _read(found)]
    if silent:
        notes.append(
            f"not checked: {plural(silent, 'p-value')} without a statistic or interval beside it"
        )
    return AuditReport(document.name, tuple(claims), tuple(notes))


def _quote(text: str, found: Found) -> str:
    end = found.end
    inside = text[found.start : end]
    # the bracket that closes one inside the string
    for a, b in ("()", "[]"):
        if inside.count(a) > inside.count(b) and text[end : end + 1] == b:
            end += 1
    quote = " ".join(text[found.start : end].split())
    return quote if len(quote) <= _LONGEST else f"{quote[:_LONGEST]} ..."


def _read(found: list[Found]) -> str:
    kinds = Counter(f.kind for f in found)
    parts = [plural(n, _NOUNS[k], _MANY.get(k, "")) for k in _NOUNS if (n := kinds[k])]
    return f"found: {listed(parts)}" if parts else "no statistics found that can be recomputed"
