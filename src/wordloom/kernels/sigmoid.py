"""The logistic function in compiled loops: a quotient of polynomials, so that the loops become vectors.

sigmoid(x) = (tanh(x / 2) + 1) / 2. tanh is the quotient of two polynomials, good to seven digits; the
coefficients are those of Eigen's `generic_fast_tanh_float`. It is 1 from 9 on.
"""

from __future__ import annotations

from wordloom.kernels.compiling import part, vector_part
from wordloom.kernels.pooled_layers import typed

_HALF = 11  # the place of 1/2 among the terms


@part
def sigmoid_terms(array):  # type: ignore[no-untyped-def]
    """What `sigmoid_less_half` needs, in the floating type of `array`: 13 numbers, taken before a loop.

    Odd powers of the upper polynomial, even powers of the lower one, a half, and where it becomes flat.
    """
    return (
        typed(4.89352455891786e-03, array),
        typed(6.37261928875436e-04, array),
        typed(1.48572235717979e-05, array),
        typed(5.12229709037114e-08, array),
        typed(-8.60467152213735e-11, array),
        typed(2.00018790482477e-13, array),
        typed(-2.76076847742355e-16, array),
        typed(4.89352518554385e-03, array),
        typed(2.26843463243900e-03, array),
        typed(1.18534705686654e-04, array),
        typed(1.19825839466702e-06, array),
        typed(0.5, array),
        typed(9.0, array),
    )


@vector_part
def sigmoid_less_half(x, terms):  # type: ignore[no-untyped-def]
    """sigmoid(x) - 1/2, which is odd: that of -x is its negative."""
    o0, o1, o2, o3, o4, o5, o6, e0, e1, e2, e3, half, flat = terms
    x = min(max(x * half, -flat), flat)
    s = x * x
    above = x * (o0 + s * (o1 + s * (o2 + s * (o3 + s * (o4 + s * (o5 + s * o6))))))
    below = e0 + s * (e1 + s * (e2 + s * e3))
    return half * (above / below)


@vector_part
def sigmoid(x, terms):  # type: ignore[no-untyped-def]
    """The logistic function of x."""
    return sigmoid_less_half(x, terms) + terms[_HALF]
