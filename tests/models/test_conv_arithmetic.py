from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.errors import InputError
from review.models.convolution import conv_parameters, effective_kernel, output_size


@pytest.mark.parametrize(
    ("arguments", "u"),
    [
        # Wang et al. (2021), Figures 3, 4, 5 and 7
        ({"t": 7, "k": 3}, 5),
        ({"t": 7, "k": 3, "p": 1}, 7),
        ({"t": 7, "k": 3, "p": 1, "s": 3}, 3),
        ({"t": 7, "k": 3, "d": 2}, 3),
        # Krizhevsky et al. (2012): 55 x 55 maps need images of 227 pixels
        ({"t": 227, "k": 11, "s": 4}, 55),
        ({"t": 224, "k": 7, "p": 3, "s": 2}, 112),
    ],
)
def test_worked_examples(arguments, u):
    assert output_size(**arguments) == u


@given(
    t=st.integers(1, 40), k=st.integers(1, 7), p=st.integers(0, 3), s=st.integers(1, 4),
    d=st.integers(1, 3),
)  # fmt: skip
def test_counts_the_positions_of_the_kernel(t, k, p, s, d):
    """Second method: slide the kernel over the padded input and count where it fits."""
    reach = effective_kernel(k, d)
    positions = [i for i in range(0, t + 2 * p, s) if i + reach <= t + 2 * p]
    if positions:
        assert output_size(t, k, p=p, s=s, d=d) == len(positions)
    else:
        with pytest.raises(InputError, match="does not fit"):
            output_size(t, k, p=p, s=s, d=d)


@given(
    e=st.integers(1, 7), f=st.integers(1, 7), m=st.integers(1, 8), n=st.integers(1, 8),
    g=st.integers(1, 4),
)  # fmt: skip
def test_groups_divide_the_weights(e, f, m, n, g):
    whole = conv_parameters(e, f, m * g, n * g)
    assert conv_parameters(e, f, m * g, n * g, g=g) * g == whole == e * f * m * g * n * g


def test_bias_is_one_per_filter():
    assert conv_parameters(11, 11, 3, 96, bias=True) == 34_944


@pytest.mark.parametrize(
    "bad",
    [{"t": 0, "k": 1}, {"t": 7, "k": 0}, {"t": 7, "k": 3, "s": 0}, {"t": 7, "k": 3, "p": -1},
     {"t": 7, "k": 3, "d": 0}, {"t": 7.5, "k": 3}, {"t": 7, "k": True}],
)  # fmt: skip
def test_bad_sizes(bad):
    with pytest.raises(InputError, match="whole number"):
        output_size(**bad)


def test_bad_groups():
    with pytest.raises(InputError, match="do not divide"):
        conv_parameters(3, 3, 5, 6, g=2)
    with pytest.raises(InputError, match="whole number"):
        conv_parameters(3, 3, 5, 6, g=0)
