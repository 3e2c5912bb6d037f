"""No group of records holds a pair that was shown to differ, whatever the verdicts and order."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from review.workflow.records.duplicate_blocks import worthwhile_pairs
from review.workflow.records.duplicate_groups import chains, consistent_groups
from review.workflow.records.duplicate_keys import RecordKeys
from review.workflow.records.duplicate_rules import Verdict

PAIRS = list(itertools.combinations(range(6), 2))
VERDICTS = st.lists(st.sampled_from(list(Verdict)), min_size=len(PAIRS), max_size=len(PAIRS))


def grouped(said, settled=()):
    """The groups among six records of which every pair has a verdict."""
    same = [pair for pair, verdict in said.items() if verdict is Verdict.SAME]
    found = []
    for chain in chains(6, same):
        known = {p: v for p, v in said.items() if v is Verdict.SAME}
        found += consistent_groups(
            chain, known, lambda a, b: said[a, b], lambda i: (i,), settled=settled
        )
    return sorted(map(tuple, found))


@given(VERDICTS)
def test_no_group_holds_a_pair_that_was_shown_to_differ(verdicts):
    said = dict(zip(PAIRS, verdicts, strict=True))
    groups = grouped(said)
    members = [i for group in groups for i in group]
    assert len(members) == len(set(members))
    for group in groups:
        assert len(group) > 1
        assert all(said[p] is not Verdict.CONTRADICTED for p in itertools.combinations(group, 2))
        # each member is the same as another one of its group
        assert all(
            any(said[min(i, j), max(i, j)] is Verdict.SAME for j in group if j != i) for i in group
        )


@given(VERDICTS, st.permutations(range(6)))
def test_the_order_of_the_records_makes_no_difference(verdicts, order):
    said = dict(zip(PAIRS, verdicts, strict=True))
    # record i of the first order stands at place order[i] of the second, and says the same
    place = dict(enumerate(order))
    moved = {tuple(sorted((place[a], place[b]))): verdict for (a, b), verdict in said.items()}
    back = {at: i for i, at in place.items()}
    same = [pair for pair, verdict in moved.items() if verdict is Verdict.SAME]
    found = []
    for chain in chains(6, same):
        found += consistent_groups(chain, dict(moved), lambda a, b: moved[a, b],
                                   lambda i: (back[i],))  # fmt: skip
    again = sorted(tuple(sorted(back[i] for i in group)) for group in found)
    assert again == grouped(said)


@given(VERDICTS, st.sampled_from(PAIRS))
def test_what_a_person_calls_the_same_stays_together(verdicts, pair):
    said = dict(zip(PAIRS, verdicts, strict=True)) | {pair: Verdict.SAME}
    assert any(set(pair) <= set(group) for group in grouped(said, settled={pair}))


def test_a_chain_without_contradiction_is_one_group():
    said = dict.fromkeys(PAIRS, Verdict.DOUBT)
    said |= {(i, i + 1): Verdict.SAME for i in range(5)}
    assert grouped(said) == [(0, 1, 2, 3, 4, 5)]


def test_a_record_between_two_that_differ_joins_one_of_them():
    said = dict.fromkeys(PAIRS, Verdict.CONTRADICTED) | {(0, 1): Verdict.SAME, (1, 2): Verdict.SAME}
    assert grouped(said) == [(0, 1)]


def keys_of(*records):
    collected = RecordKeys()
    for record in records:
        collected.add(record)
    return collected.keys


def pairs_of(keys, rows=None):
    return [
        (a, b)
        for first, second in worthwhile_pairs(keys, rows)
        for a, b in zip(first.tolist(), second.tolist(), strict=True)
    ]


def test_pairs_share_a_block_and_come_once():
    title = "Preconditioning of the heart in practice"
    keys = keys_of(
        {"title": title, "doi": "10.1000/a", "year": "2001", "authors": "Lee A"},
        {"title": "Quite another matter altogether", "doi": "10.1000/a"},
        {"title": f"{title} and theory", "year": "2001", "authors": "Lee A"},
        {"title": "Nursing", "year": "2001", "authors": "Lee A"},
        {"title": title, "pmid": "12"},
        {"title": "Herz", "pmid": "12"},
    )
    assert pairs_of(keys) == [(0, 1), (0, 2), (0, 4), (4, 5)]


def test_records_that_say_nothing_are_in_no_block():
    assert pairs_of(keys_of({}, {}, {"title": ""}, {"title": "...", "doi": "-"})) == []


def test_a_title_that_hundreds_of_records_have_makes_no_pairs():
    rows = [{"title": "Editorial", "year": "2001", "authors": "Lee A"}] * 200
    assert pairs_of(keys_of(*rows)) == []
    found = pairs_of(keys_of(*rows, {"title": "E", "doi": "10.1000/a"}, {"doi": "10.1000/a"}))
    assert found == [(200, 201)]
