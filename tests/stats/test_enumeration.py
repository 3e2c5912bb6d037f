"""Subsets, sign vectors and orderings: complete, without repetition, in bounded chunks."""

import itertools
import math

import numpy as np
import pytest

from review.stats.ground.enumeration import (
    all_orderings,
    all_signs,
    all_subsets,
    ordering_count,
    random_orderings,
    random_signs,
    random_subsets,
    subset_count,
)


def _rows(blocks):
    return [tuple(row) for block in blocks for row in block.tolist()]


@pytest.mark.parametrize(("k", "smallest", "chunk"), [(1, 1, None), (5, 1, 4), (6, 3, 7)])
def test_all_subsets_are_the_power_set(k, smallest, chunk):
    rows = _rows(all_subsets(k, smallest, chunk))
    expected = {
        tuple(i in chosen for i in range(k))
        for size in range(smallest, k + 1)
        for chosen in itertools.combinations(range(k), size)
    }
    assert set(rows) == expected
    assert len(rows) == len(expected) == subset_count(k, smallest)


def test_chunks_are_no_larger_than_asked():
    assert max(len(block) for block in all_subsets(8, 1, 10)) <= 10
    assert max(len(block) for block in all_signs(8, 10)) <= 10
    assert max(len(block) for block in all_orderings([0, 1, 2, 3, 4], 10)) <= 10


def test_all_signs_start_with_the_data_and_are_complete():
    rows = _rows(all_signs(6, 9))
    assert rows[0] == (1.0,) * 6
    assert set(rows) == set(itertools.product([1.0, -1.0], repeat=6))
    assert len(rows) == 64


@pytest.mark.parametrize("labels", [[0, 1, 2, 3], [0, 0, 1, 1, 2], [0, 0, 0, 1], [0], [2, 2, 2]])
@pytest.mark.parametrize("chunk", [None, 3])
def test_all_orderings_are_the_distinct_permutations(labels, chunk):
    rows = _rows(all_orderings(labels, chunk))
    expected = set(itertools.permutations(labels))
    assert set(rows) == expected
    assert len(rows) == len(expected) == ordering_count(labels)


def test_ordering_count_of_distinct_labels_is_the_factorial():
    assert ordering_count(range(12)) == math.factorial(12)


def test_random_subsets_respect_size_and_number_and_are_uniform():
    masks = np.concatenate(list(random_subsets(4, 11000, np.random.default_rng(1), 2, 1000)))
    assert masks.shape == (11000, 4)
    codes, counts = np.unique(masks @ (1 << np.arange(4)), return_counts=True)
    assert len(codes) == subset_count(4, 2) == 11
    assert abs(counts - 1000).max() < 5 * math.sqrt(1000)


def test_random_rows_repeat_with_the_seed():
    first, again = (
        np.concatenate(list(random_signs(5, 30, np.random.default_rng(7), 8))) for _ in range(2)
    )
    assert (first == again).all()
    assert set(np.unique(first)) == {-1.0, 1.0}
    orders = np.concatenate(list(random_orderings(6, 25, np.random.default_rng(7), 8)))
    assert orders.shape == (25, 6)
    assert (np.sort(orders, axis=1) == np.arange(6)).all()
