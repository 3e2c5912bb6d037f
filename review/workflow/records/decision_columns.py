"""Columns of a team's own screening log that hold decisions, as --map names them.

`Ann=decision` says that the column Ann holds what Ann decided, `AA=decision:Ann@full_text` whose
decisions they are, at which stage; `why=reason:Ann` holds her reasons. In a log with a row for each
decision, `stage` and `reviewer` are columns too. A word whose meaning is not known stops the
import: nothing is guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from review.errors import InputError, UnknownNameError, suggest
from review.formats.bibliography.table_headings import TARGETS, folded
from review.schema.missing_marks import missing_reason
from review.schema.screening_rows import STAGES
from review.words import listed
from review.workflow.records.exported_decisions import MAYBE, Vote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from review.formats.bibliography.bib_record import BibRecord

WHAT: Final = ("decision", "reason", "stage", "reviewer")
MEANINGS: Final = ("include", "exclude", "not_retrieved", "maybe", "none")
_TARGET: Final = re.compile(r"(decision|reason|stage|reviewer)(?::([^@]*))?(?:@(.*))?")
_WORDS: Final = {
    "include": "include|included|inc|incl|in|yes|y|1|1.0|true|accept|accepted|keep|retain|retained|"
    "relevant|eligible|potentially eligible|select|selected|pass",
    "exclude": "exclude|excluded|exc|excl|out|no|n|0|0.0|false|reject|rejected|remove|irrelevant|"
    "not relevant|ineligible|not eligible|fail",
    "not_retrieved": "not_retrieved|not retrieved|no full text|full text not available|"
    "not available|unavailable|could not be retrieved",
    "maybe": "maybe|unsure|unclear|uncertain|undecided|perhaps|?|discuss|to discuss|conflict",
    "none": "pending|open|not screened|not yet screened|todo|to do|n/a|na",
}
_MEANING: Final = {word: said for said, words in _WORDS.items() for word in words.split("|")}
_PLAIN: Final = re.compile(r"(?:in|ex)clu(?:ded?|sion)|in|out|maybe", re.IGNORECASE)
# headings that are nobody's name
_NOBODY: Final = frozenset(
    {
        "decision", "decisions", "status", "screening", "included", "include", "inclusion",
        "result", "outcome", "final", "final decision", "screening decision", "label", "verdict",
        "eligible", "eligibility", "vote",
    }
)  # fmt: skip


@dataclass(frozen=True)
class DecisionColumn:
    """What a column of a log holds.

    Attributes:
        heading: of the column.
        what: decision, reason, stage or reviewer.
        reviewer: whose it is, "" for nobody in particular.
        stage: of the decision, "" where the log or the import says it.
    """

    heading: str
    what: str
    reviewer: str = ""
    stage: str = ""


@dataclass
class LogReader:
    """Reads the decisions in the rows of a log.

    Attributes:
        columns: what --map says of them.
        words: what the user says that words mean: word in small letters -> meaning.
        reviewer: to whom decisions belong that carry no name.
        seen: how often each word stood there, with what it was read as.
        strange: words that mean nothing that is known, and how often they stood there.
        stages: words for a stage that mean nothing that is known.
    """

    columns: Sequence[DecisionColumn]
    words: Mapping[str, str]
    reviewer: str = ""
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    strange: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)

    def votes(self, record: BibRecord) -> list[Vote]:
        """Return the decisions in a row, as it was read: its columns are in `extra`."""
        texts = dict(record.extra)
        stage = self._stage(self._only("stage", texts))
        person = self._only("reviewer", texts)
        found = []
        for column in self.columns:
            text = texts.get(column.heading, "").strip()
            if column.what != "decision" or not text:
                continue
            decision = self._meaning(text)
            if not decision:
                continue
            mine = column.stage or stage
            name = column.reviewer or person or self.reviewer or column.heading
            why = self._reason(name, mine, texts) if decision == "exclude" else ""
            found.append(Vote(name, decision, why, mine))
        return found

    def _only(self, what: str, texts: Mapping[str, str]) -> str:
        return next((texts.get(c.heading, "").strip() for c in self.columns if c.what == what), "")

    def _stage(self, text: str) -> str:
        if not text:
            return ""
        found = stage_meant(text)
        if not found:
            self.stages[text] += 1
        return found

    def _meaning(self, text: str) -> str:
        said = meaning_of(text, self.words)
        if said is None:
            self.strange[text] += 1
            return ""
        self.seen[text, said] += 1
        return "" if said == "none" else said

    def _reason(self, name: str, stage: str, texts: Mapping[str, str]) -> str:
        for column in self.columns:
            if column.what == "reason" and column.reviewer.casefold() in {"", name.casefold()}:
                text = texts.get(column.heading, "").strip()
                if column.stage in {"", stage} and text and missing_reason(text) is None:
                    return text
        return ""

    def require_known(self, file: str) -> None:
        """Refuse a log with words that could not be read.

        Raises:
            InputError: there are some; each is named with how often it stands there.
        """
        if self.strange:
            said = listed((f"{w!r} ({n})" for w, n in self.strange.most_common()), most=10)
            first = self.strange.most_common(1)[0][0]
            raise InputError(
                f"{file}: what these words decide is not known: {said}; nothing was imported. Say "
                f"it with --word '{first}=include' ({', '.join(MEANINGS)}), for each of them"
            )
        if self.stages:
            said = listed((f"{w!r} ({n})" for w, n in self.stages.most_common()), most=10)
            raise InputError(
                f"{file}: these words name no stage that is known: {said}; nothing was imported. A "
                "stage is title and abstract, retrieval, or full text: leave the column out and "
                "say --stage, or --map 'HEADING=decision:NAME@full_text'"
            )

    def remarks(self) -> list[str]:
        """Say what the words were read as."""
        by: dict[str, list[str]] = {}
        for (word, said), n in self.seen.most_common():
            by.setdefault(said, []).append(f"{word!r} ({n})")
        parts = [f"{listed(words, most=6)} as {said}" for said, words in by.items()]
        return [f"decisions: {'; '.join(parts)}"] if parts else []


def looks_like_decisions(seen: Mapping[str, int], n: int) -> bool:
    """Tell whether the cells of a column are decisions in so many words.

    Args:
        seen: text of a cell -> how often; 0 and 1, yes and no may be anything.
        n: how many cells hold something.

    Example:
        >>> looks_like_decisions({"Include": 3, "exclude": 9}, 12)
        True
        >>> looks_like_decisions({"yes": 3, "no": 9}, 12)
        False
    """
    plain = sum(k for text, k in seen.items() if _PLAIN.fullmatch(text.strip()))
    return n > 1 and plain >= 0.8 * n


def decision_columns(
    mapping: Mapping[str, str], *, named: bool
) -> tuple[dict[str, str], tuple[DecisionColumn, ...]]:
    """Split what --map says into fields of records and columns of decisions.

    Args:
        mapping: heading -> what it means.
        named: whether the import says to whom decisions without a name belong.

    Returns:
        heading -> field, where columns of decisions are `extra`; and these columns.

    Raises:
        InputError: a heading is nobody's name, and nobody is named.
        UnknownNameError: a stage is none, or a meaning is misspelled.

    Example:
        >>> decision_columns({"Titel": "title", "AA": "decision:Ann@full_text"}, named=False)[1]
        (DecisionColumn(heading='AA', what='decision', reviewer='Ann', stage='full_text'),)
    """
    fields, found = dict[str, str](), list[DecisionColumn]()
    for heading, target in mapping.items():
        match = _TARGET.fullmatch(target.strip())
        if match is None:
            word = re.split("[:@]", target)[0].strip()
            if word not in {*TARGETS, "-"}:
                raise UnknownNameError("meaning of a column", word, [*TARGETS, *WHAT, "-"])
            fields[heading] = target
            continue
        what, name, at = match[1], (match[2] or "").strip(), (match[3] or "").strip()
        stage = stage_meant(at) if at else ""
        if at and not stage:
            raise UnknownNameError("stage", at, sorted(set(STAGES.values())))
        found.append(DecisionColumn(heading, what, name, stage))
        fields[heading] = "extra"
    with_names = named or any(c.what == "reviewer" for c in found)
    for column in found:
        nobody = folded(column.heading) in _NOBODY or folded(column.heading).isdigit()
        if column.what == "decision" and not column.reviewer and nobody and not with_names:
            raise InputError(
                f"whose decisions are in the column {column.heading!r}? Say --map "
                f"'{column.heading}=decision:NAME', or --reviewer NAME; a decision that a team "
                "made together is that of consensus"
            )
    if found and not any(c.what == "decision" for c in found):
        raise InputError("no column holds decisions: --map 'HEADING=decision:NAME'")
    return fields, tuple(found)


def meaning_of(text: str, words: Mapping[str, str]) -> str | None:
    """Return what a word of a log decides, or None; `words` are those that the user explains.

    Example:
        >>> meaning_of("Included ", {}), meaning_of("Retain for full-text", {})
        ('include', None)
        >>> meaning_of("Retain for full-text", {"retain for full-text": "include"})
        'include'
    """
    word = " ".join(text.split()).casefold()
    return words.get(word) or _MEANING.get(word.rstrip(".!"))


def stage_meant(text: str) -> str:
    """Return the stage that a text of a log names, "" for none.

    Example:
        >>> stage_meant("Title/abstract screening"), stage_meant("FT"), stage_meant("first")
        ('screening', 'full_text', '')
    """
    word = " ".join(text.replace("_", " ").replace("-", " ").split()).casefold()
    if known := STAGES.get(word):
        return known
    if re.search(r"\bfull ?texts?\b|\bft\b|\beligib", word):
        return "full_text"
    if re.search(r"\bretriev", word):
        return "retrieval"
    return "screening" if re.search(r"\btitles?\b|\babstracts?\b|\bta\b|\bti ?ab\b", word) else ""


def words_meant(items: Iterable[str]) -> dict[str, str]:
    """Return word in small letters -> meaning, of texts written WORD=MEANING.

    Raises:
        InputError: one is not.
        UnknownNameError: a meaning is none.

    Example:
        >>> words_meant(["Retain for full-text=include"])
        {'retain for full-text': 'include'}
    """
    found = {}
    for item in items:
        word, sign, meaning = item.rpartition("=")
        said = meaning.strip().casefold().replace(" ", "_").replace("-", "_")
        if not sign or not word.strip():
            raise InputError(f"--word {item!r}: write it as WORD=include, or another decision")
        if said not in MEANINGS:
            hint = suggest(said, MEANINGS, most=1)
            raise UnknownNameError("decision", meaning.strip(), hint or MEANINGS)
        found[" ".join(word.split()).casefold()] = said
    return found


def undecided(votes: Iterable[Vote], words: Mapping[str, str]) -> tuple[list[Vote], Counter[str]]:
    """Return the votes that decide, and how often each reviewer said maybe, which decides nothing.

    A maybe is left open for its reviewer, unless the user says what the word means.

    Example:
        >>> from review.workflow.records.exported_decisions import Vote
        >>> kept, open_ones = undecided([Vote("Ann", "include"), Vote("Bo", "maybe")], {})
        >>> [v.reviewer for v in kept], dict(open_ones)
        (['Ann'], {'Bo': 1})
    """
    kept, left = [], Counter[str]()
    for vote in votes:
        meant = words.get(MAYBE, "") if vote.decision == MAYBE else vote.decision
        if meant in {"", "none"}:
            left[vote.reviewer] += 1
        else:
            kept.append(vote if meant == vote.decision else vote.with_decision(meant))
    return kept, left
