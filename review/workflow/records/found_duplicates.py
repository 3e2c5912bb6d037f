"""Which records repeat each other: keys, blocks, rules and groups put together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from review.errors import InputError, UnknownNameError
from review.words import plural
from review.workflow.records.duplicate_blocks import worthwhile_pairs
from review.workflow.records.duplicate_groups import chains, consistent_groups
from review.workflow.records.duplicate_keys import DuplicateKeys, RecordKeys
from review.workflow.records.duplicate_rules import Verdict, judged
from review.workflow.records.pair_evidence import evidence
from review.workflow.records.record_rows import record_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Pairs = Callable[
        [DuplicateKeys, NDArray[np.bool_]], Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]
    ]

BY_RULE: Final = "rule"
# what finds the pairs that are worth judging
ENGINES: Final = ("memory", "splink")
_KEPT: Final = frozenset({Verdict.SAME, Verdict.REPORT, Verdict.DOUBT})


class Link(NamedTuple):
    """What is known of two records.

    Attributes:
        record_id: of "same": the record that repeats the other one, which is kept.
        verdict: same, report (of one study, at another place) or doubt.
        reason: why, in words.
        decided_by: "rule", or the person who decided.
    """

    record_id: str
    other_id: str
    verdict: str
    reason: str
    decided_by: str = BY_RULE


class Decided(NamedTuple):
    """A decision that a person made on two records: same, report or different."""

    record_id: str
    other_id: str
    verdict: str
    decided_by: str = ""
    reason: str = ""


@dataclass(frozen=True)
class FoundDuplicates:
    """The records that repeat each other.

    Attributes:
        n: how many records there are.
        groups: identifiers of records that are one; first the one that is kept, the most complete.
        links: one "same" for each record that is not kept; the pairs of kept records that are
            reports of one study; the pairs that a person has to look at.
        notes: what was left out of the comparison.
    """

    n: int
    groups: tuple[tuple[str, ...], ...]
    links: tuple[Link, ...]
    notes: tuple[str, ...] = ()

    @property
    def duplicate_of(self) -> dict[str, str]:
        """The record that is kept, for each record that repeats one."""
        return {i: group[0] for group in self.groups for i in group[1:]}

    @property
    def doubtful(self) -> tuple[Link, ...]:
        """The pairs that a person has to look at."""
        return tuple(link for link in self.links if link.verdict == Verdict.DOUBT)

    @property
    def reports(self) -> tuple[Link, ...]:
        """The pairs of records that report one study at two places."""
        return tuple(link for link in self.links if link.verdict == Verdict.REPORT)

    @property
    def duplicates(self) -> int:
        """How many records repeat another one."""
        return sum(len(group) - 1 for group in self.groups)

    def to_dict(self) -> dict[str, Any]:
        """Return it as a dictionary."""
        return {
            "records": self.n,
            "duplicates": self.duplicates,
            "groups": [list(group) for group in self.groups],
            "links": [link._asdict() for link in self.links],
            "notes": list(self.notes),
        }

    def summary(self) -> str:
        """Return the counts in one sentence."""
        return (
            f"{plural(self.n, 'record')}: {plural(self.duplicates, 'duplicate')}, "
            f"{plural(len(self.reports), 'pair')} of reports of one study, "
            f"{plural(len(self.doubtful), 'doubtful pair')}"
        )

    def __str__(self) -> str:
        return self.summary()


def find_duplicates(
    records: Iterable[Mapping[str, Any]] | Mapping[str, Sequence[Any]] | pd.DataFrame,
    *,
    decided: Iterable[Decided | tuple[str, str, str]] = (),
    engine: str = "memory",
    spark: Any = None,
) -> FoundDuplicates:
    """Find the records of several searches that repeat each other.

    Records that share a block are compared: title, authors, pages, volume, issue, journal, year,
    DOI and PMID. A DOI alone decides nothing: supplements share one, and exports mistake it. An
    erratum, a reply or part II is another record; a preprint, an abstract of a meeting or another
    version is a report of one study, not the same record. The order of the records makes no
    difference.

    Args:
        records: rows (a data frame, dictionaries, or columns by name) with the fields of
            `records.csv`, or the names that RIS and BibTeX have for them; `record_id` or `id` names
            a record, otherwise its number does, from 1.
        decided: pairs that a person has decided: (one, the other, "same", "report" or
            "different"); the groups follow them.
        engine: "memory", or "splink" for collections beyond one machine: the pairs to be judged
            are found by splink on DuckDB (extra `splink`).
        spark: a Spark session, on which splink finds them instead of on DuckDB.

    Returns:
        Groups of records that are one, and the pairs that are reports of one study or doubtful.

    Raises:
        InputError: no field to compare is there, two records have one identifier, a decision
            names an unknown record or word, or decisions contradict each other.
        UnknownNameError: there is no such engine.
        MissingExtraError: splink, or pyspark, is not installed.

    Example:
        >>> found = find_duplicates([
        ...     {"id": "a", "title": "Deep learning in radiology", "authors": "Lee A; Wu B",
        ...      "year": 2020, "journal": "Eur Radiol", "volume": 30, "pages": "123-8"},
        ...     {"id": "b", "title": "Deep Learning in Radiology.", "authors": "Lee, Ann; Wu, Bo",
        ...      "year": 2020, "journal": "European Radiology", "volume": 30, "pages": "123-128",
        ...      "doi": "10.1000/xyz"},
        ...     {"id": "c", "title": "Erratum to: Deep learning in radiology",
        ...      "authors": "Lee A; Wu B", "year": 2020, "journal": "Eur Radiol", "volume": 30},
        ... ])
        >>> found.groups
        (('b', 'a'),)
    """
    collected = RecordKeys()
    for row in record_rows(records):
        collected.add(row)
    return duplicates_among(collected, decided, engine=engine, spark=spark)


def pairs_of(engine: str, spark: Any = None) -> Pairs:
    """Return what finds the pairs to be judged.

    Raises:
        UnknownNameError: there is no such engine.
        InputError: a Spark session for an engine that has no use for it.
    """
    if engine not in ENGINES:
        raise UnknownNameError("engine", engine, ENGINES)
    if engine == "memory":
        if spark is not None:
            raise InputError("a Spark session goes with engine='splink'")
        return worthwhile_pairs
    from functools import partial

    from review.workflow.records.splink_pairs import splink_pairs

    return partial(splink_pairs, spark=spark)


def duplicates_among(
    collected: RecordKeys,
    decided: Iterable[Decided | tuple[str, str, str]] = (),
    *,
    engine: str = "memory",
    spark: Any = None,
) -> FoundDuplicates:
    """Return the duplicates among records of which only the keys are kept; see `find_duplicates`.

    Raises:
        InputError: as there.
    """
    keys, ids = collected.keys, collected.ids
    twice = [i for i, n in Counter(ids).items() if n > 1]
    if twice:
        raise InputError(f"two records have the identifier {twice[0]!r}; each needs its own")
    if ids and not any(keys.title) and not any(keys.doi):
        raise InputError(
            "no record has a title or a DOI: the columns are " + ", ".join(collected.columns)
            + "; name them title, authors, year, journal, volume, issue, pages, doi"
        )  # fmt: skip
    linkage = _Linkage(keys, ids, pairs_of(engine, spark))
    for pair in decided:
        if not isinstance(pair, list | tuple) or not 3 <= len(pair) <= len(Decided._fields):
            raise InputError(
                "a decision is (first identifier, second identifier, verdict), not "
                f"{str(pair)[:60]}"
            )
        linkage.decide(Decided(*pair))
    return linkage.found()


@dataclass
class _Linkage:
    """The comparison of all records.

    Attributes:
        pairs: finds the pairs that are worth judging.
        verdicts: (first, second) -> verdict, of pairs that are the same, reports or doubtful, and
            of those that a person has decided; first < second.
        said: the pairs that a person has decided.
    """

    keys: DuplicateKeys
    ids: Sequence[str]
    pairs: Pairs = worthwhile_pairs
    verdicts: dict[tuple[int, int], Verdict] = field(default_factory=dict)
    said: dict[tuple[int, int], Decided] = field(default_factory=dict)
    _row: dict[str, int] = field(default_factory=dict)

    def decide(self, decision: Decided) -> None:
        """Take over what a person has decided.

        Raises:
            InputError: a record or a word is not known.
        """
        if not self._row:
            self._row.update({name: i for i, name in enumerate(self.ids)})
        words = {"same": Verdict.SAME, "report": Verdict.REPORT, "different": Verdict.CONTRADICTED}
        if decision.verdict not in words:
            raise InputError(
                f"{decision.verdict!r} is no decision on two records: same, report or different"
            )
        for name in decision[:2]:
            if name not in self._row:
                raise InputError(f"there is no record {name!r}")
        a, b = self._pair(decision)
        if a == b:
            raise InputError(f"{decision.record_id!r} is one record, not a pair")
        self.said[a, b] = decision
        self.verdicts[a, b] = words[decision.verdict]

    def _pair(self, decision: Decided) -> tuple[int, int]:
        one, two = self._row[decision.record_id], self._row[decision.other_id]
        return min(one, two), max(one, two)

    def compare(self, a: int, b: int) -> Verdict:
        """Return the verdict on a pair, first < second."""
        return self.judge(a, b)[0]

    def judge(self, a: int, b: int) -> tuple[Verdict, str]:
        """Return the verdict on a pair, of a person before that of the rules, and the reason."""
        if said := self.said.get((a, b)):
            return self.verdicts[a, b], said.reason
        return judged(evidence(self.keys, a, b))

    def found(self) -> FoundDuplicates:
        """Compare, group, and choose the record of each group that is kept."""
        twins = self._twins()
        rows = np.ones(len(self.keys), dtype=bool)
        rows[list(twins)] = False
        for first, second in self.pairs(self.keys, rows):
            for pair in zip(first.tolist(), second.tolist(), strict=True):
                if pair in self.said:
                    continue
                verdict = self.compare(*pair)
                if verdict in _KEPT:
                    self.verdicts[pair] = verdict
        same = [pair for pair, verdict in self.verdicts.items() if verdict is Verdict.SAME]
        settled = frozenset(p for p in self.said if self.verdicts[p] is Verdict.SAME)
        groups = []
        for chain in chains(len(self.keys), same):
            groups += consistent_groups(chain, self.verdicts, self.compare, self._content, settled)
        groups = _with_twins(groups, twins)
        named = []
        kept_by = {}
        for group in groups:
            filled = [self.keys.filled(i) for i in group]
            fullest = [i for i, n in zip(group, filled, strict=True) if n == max(filled)]
            kept = fullest[0] if len(fullest) == 1 else min(fullest, key=self._content)
            rest = sorted((i for i in group if i != kept), key=lambda i: self.ids[i])
            named.append((kept, *rest))
            kept_by.update(dict.fromkeys(group, kept))
        named.sort(key=lambda g: self.ids[g[0]])
        self._refuse_contradictions(kept_by)
        return FoundDuplicates(
            n=len(self.ids),
            groups=tuple(tuple(self.ids[i] for i in g) for g in named),
            links=tuple(self._links(named, kept_by)),
            notes=self._notes(),
        )

    def _refuse_contradictions(self, kept_by: Mapping[int, int]) -> None:
        for (a, b), said in self.said.items():
            together = kept_by.get(a, a) == kept_by.get(b, b)
            if together and self.verdicts[a, b] is not Verdict.SAME:
                raise InputError(
                    f"the decisions contradict each other: {said.record_id} and {said.other_id} "
                    f"are said to be {said.verdict}, and other decisions make them one record"
                )

    def _twins(self) -> dict[int, int]:
        """Records that say exactly what an earlier one says, and are the same by the rules.

        They need no comparison with all others; searches that were run twice are full of them.
        """
        decided = {i for pair in self.said for i in pair}
        seen: dict[int, int] = {}
        twins: dict[int, int] = {}
        for i in range(len(self.keys)):
            said = self.keys.said(i)
            first = seen.setdefault(hash(said), i)
            if first == i or decided & {first, i} or self.keys.said(first) != said:
                continue
            if self.compare(first, i) is Verdict.SAME:
                twins[i] = first
        return twins

    def _links(self, groups: list[tuple[int, ...]], kept_by: dict[int, int]) -> list[Link]:
        links = []
        for kept, *rest in groups:
            for i in rest:
                pair = (min(i, kept), max(i, kept))
                verdict, reason = self.judge(*pair)
                if verdict is not Verdict.SAME:
                    reason = "the same as others that are the same as this one"
                links.append(self._link(i, kept, Verdict.SAME, reason, self.said.get(pair)))
        return links + self._between(kept_by)

    def _between(self, kept_by: Mapping[int, int]) -> list[Link]:
        """Return what is known of two records that are both kept."""
        pairs: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for a, b in self.verdicts:
            one, two = kept_by.get(a, a), kept_by.get(b, b)
            if one != two:
                pairs.setdefault((min(one, two), max(one, two)), []).append((a, b))
        links = []
        for kept, known in pairs.items():
            # what a person said of any record of the two groups, else what the two kept ones say
            said = [self.said[pair] for pair in known if pair in self.said]
            verdict, reason = self.judge(*kept)
            if said:
                decision = min(said)
                verdict, reason = self.verdicts[self._pair(decision)], decision.reason
            elif verdict not in _KEPT:
                verdict, reason = min(self.judge(*pair) for pair in known)
            elif verdict is Verdict.SAME:
                verdict, reason = Verdict.DOUBT, f"{reason}; but others of the group contradict it"
            if verdict in _KEPT:
                one, two = sorted(kept, key=lambda i: self.ids[i])
                links.append(self._link(one, two, verdict, reason, min(said) if said else None))
        links.sort(key=lambda link: (link.verdict, link.record_id, link.other_id))
        return _without_circles(links)

    def _link(self, a: int, b: int, verdict: Verdict, reason: str, said: Decided | None) -> Link:
        who = BY_RULE if said is None else said.decided_by
        return Link(self.ids[a], self.ids[b], verdict.value, reason, who)

    def _content(self, i: int) -> tuple[object, ...]:
        """What a record says, to break ties by; the same for any order of the rows."""
        k = self.keys
        return (k.title[i], k.doi[i], k.year[i], k.volume[i], k.first[i], k.last[i], k.surnames[i],
                k.journal[i], k.pmid[i], sorted(k.issue[i]), self.ids[i])  # fmt: skip

    def _notes(self) -> tuple[str, ...]:
        without = sum(not t and not d for t, d in zip(self.keys.title, self.keys.doi, strict=True))
        if not without:
            return ()
        return (f"{plural(without, 'record')} without title and DOI: compared by place alone",)


def _without_circles(links: list[Link]) -> list[Link]:
    """Leave out doubtful pairs that others lead to: ten records that may be one are nine questions.

    Where a person says that the two of a pair differ, the next comparison asks about another one.
    """
    leads_to: dict[str, str] = {}

    def root(name: str) -> str:
        while (above := leads_to.get(name, name)) != name:
            name = above
        return name

    kept = []
    for link in links:
        if link.verdict == Verdict.DOUBT:
            one, other = root(link.record_id), root(link.other_id)
            if one == other:
                continue
            leads_to[max(one, other)] = min(one, other)
        kept.append(link)
    return kept


def _with_twins(groups: list[list[int]], twins: Mapping[int, int]) -> list[list[int]]:
    """Add each twin to the group of the record that says the same."""
    group_of = {i: group for group in groups for i in group}
    for twin, first in twins.items():
        group = group_of.get(first)
        if group is None:
            group = group_of[first] = [first]
            groups.append(group)
        group.append(twin)
    return groups
