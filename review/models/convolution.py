"""The arithmetic of convolutions: equations 4, 8, 13, 16 and 17 of Wang et al. (2021)."""

from __future__ import annotations

from review.errors import InputError


def output_size(t: int, k: int, *, p: int = 0, s: int = 1, d: int = 1) -> int:
    """Return the height (or width) of the map that a convolution gives.

    Args:
        t: size of the input.
        k: size of the kernel.
        p: zeros added on each side.
        s: stride.
        d: dilation rate; 1 for none.

    Raises:
        InputError: a size, stride or dilation below 1, or a kernel larger than the padded input.

    Source: Wang et al. (2021), equation 17; with d = 1 it is equation 4.

    Example:
        >>> output_size(7, 3, p=1, s=3), output_size(7, 3, d=2)
        (3, 3)
    """
    for name, value, least in (("t", t, 1), ("k", k, 1), ("p", p, 0), ("s", s, 1), ("d", d, 1)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise InputError(f"{name} = {value!r} is not a whole number of at least {least}")
    reach = effective_kernel(k, d)
    if t + 2 * p < reach:
        raise InputError(
            f"a kernel that reaches over {reach} values does not fit an input of {t} with "
            f"{p} zeros on each side"
        )
    return (t - reach + 2 * p) // s + 1


def effective_kernel(k: int, d: int) -> int:
    """Return the reach of a dilated kernel: k + (k - 1)(d - 1), equation 16.

    Example:
        >>> effective_kernel(3, 2)
        5
    """
    return k + (k - 1) * (d - 1)


def conv_parameters(e: int, f: int, m: int, n: int, *, g: int = 1, bias: bool = False) -> int:
    """Return the weights of a convolution: e f m n / g, equations 8 and 13.

    Args:
        e: height of a filter.
        f: width of a filter.
        m: channels of the input.
        n: filters.
        g: groups that the channels and filters are shared out to.
        bias: add one bias per filter, as Kim et al. (2022) do: (e f m / g + 1) n.

    Raises:
        InputError: a number below 1, or groups that do not divide the channels and filters.

    Example:
        >>> conv_parameters(5, 5, 96, 256), conv_parameters(5, 5, 96, 256, g=2)
        (614400, 307200)
    """
    for name, value in (("e", e), ("f", f), ("m", m), ("n", n), ("g", g)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InputError(f"{name} = {value!r} is not a whole number of at least 1")
    if m % g or n % g:
        raise InputError(f"{g} groups do not divide {m} channels and {n} filters evenly")
    return e * f * m * n // g + (n if bias else 0)
