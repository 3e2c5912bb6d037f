"""Random filters and random studies, against an evaluation written a second time by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from review.project.where import compile_where
from review.schema import Variable

WORDS = ("zero", "low", "medium", "high")  # their alphabetical order is another one
COLUMNS = [
    Variable(name="n", type="integer"),
    Variable(name="auc", type="number"),
    Variable(name="risk", type="category", vocabulary=WORDS, ordered=True),
    Variable(name="kind", type="category", vocabulary=["a b", "b", "c"]),
    Variable(name="nets", type="list", open=True),
    Variable(name="blinded", type="boolean"),
    Variable(name="seen", type="date"),
    Variable(name="title", type="text"),
]
SIGNS = ("==", "!=", "<", "<=", ">", ">=")
EQUAL = ("==", "!=")
_days = st.integers(0, 40).map(lambda i: date(2020, 1, 20) + timedelta(days=i))
_texts = st.sampled_from(["", "a", "A", "ab", "b", 'q"t', "it's", "é", "10", "9"])
_hundredths = st.integers(-200, 200)


@dataclass(frozen=True)
class Filter:
    """A filter as text, and what it should say of a study."""

    text: str
    test: Any


def decimals(i: int) -> str:
    sign, i = ("-" if i < 0 else ""), abs(i)
    return f"{sign}{i // 100}.{i % 100:02d}"


@st.composite
def studies(draw):
    from decimal import Decimal

    def maybe(strategy):
        return draw(st.none() | strategy)

    return SimpleNamespace(
        n=maybe(st.integers(-3, 12)),
        auc=maybe(_hundredths.map(lambda i: Decimal(decimals(i)))),
        risk=maybe(st.sampled_from(WORDS)), kind=maybe(st.sampled_from(["a b", "b", "c"])),
        nets=maybe(st.lists(st.sampled_from("xyz"), min_size=1, max_size=3).map(tuple)),
        blinded=maybe(st.booleans()), seen=maybe(_days), title=maybe(_texts.filter(bool)),
    )  # fmt: skip


def outcome(sign: str, a: Any, b: Any) -> bool:
    if a is None or b is None:
        return False
    return {"==": a == b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[sign]


def quoted(draw, text: str) -> str:
    return draw(st.sampled_from([repr(text), '"' + text.replace('"', '\\"') + '"']))


@st.composite
def operands(draw):
    """A column, signs it takes, a constant as text, its value, and the column's value by key."""
    name = draw(st.sampled_from(["n", "auc", "risk", "kind", "blinded", "seen", "title"]))
    key = lambda v: v  # noqa: E731
    signs = SIGNS
    if name in {"n", "auc"}:
        i = draw(_hundredths | st.integers(-3, 12).map(lambda n: 100 * n))
        value = Fraction(i, 100)
        text = draw(st.sampled_from([decimals(i), f"'{decimals(i)}'", f"{decimals(i)}e0"]))
        key = lambda v: None if v is None else Fraction(v)  # noqa: E731
    elif name == "risk":
        word = draw(st.sampled_from(WORDS))
        text, value = quoted(draw, word), WORDS.index(word)
        key = lambda v: None if v is None else WORDS.index(v)  # noqa: E731
    elif name == "kind":
        value = draw(st.sampled_from(["a b", "b", "c"]))
        text, signs = quoted(draw, value), EQUAL
    elif name == "blinded":
        value = draw(st.booleans())
        yes = ["yes", "'yes'", "True", '"TRUE"', "1"]
        no = ["no", "'No'", "False", '"false"', "0"]
        text, signs = draw(st.sampled_from(yes if value else no)), EQUAL
    elif name == "seen":
        value = draw(_days)
        text = quoted(draw, value.isoformat())
    else:
        value = draw(_texts)
        text = quoted(draw, value)
    return name, signs, text, value, key


@st.composite
def comparisons(draw):
    name, signs, text, value, key = draw(operands())
    sign = draw(st.sampled_from(signs))
    if draw(st.booleans()):
        return Filter(
            f"{name} {sign} {text}", lambda s: outcome(sign, key(getattr(s, name)), value)
        )
    return Filter(f"{text} {sign} {name}", lambda s: outcome(sign, value, key(getattr(s, name))))


@st.composite
def chains(draw):
    low, high = draw(_hundredths), draw(_hundredths)
    a, b = draw(st.sampled_from(SIGNS)), draw(st.sampled_from(SIGNS))
    left, right = Fraction(low, 100), Fraction(high, 100)
    return Filter(
        f"{decimals(low)} {a} auc {b} {decimals(high)}",
        lambda s: (
            s.auc is not None
            and outcome(a, left, Fraction(s.auc))
            and outcome(b, Fraction(s.auc), right)
        ),
    )


@st.composite
def memberships(draw):
    wanted = draw(st.booleans())
    sign = "in" if wanted else "not in"
    if draw(st.booleans()):
        word = draw(st.sampled_from("xyzw"))
        return Filter(
            f"{quoted(draw, word)} {sign} nets",
            lambda s: s.nets is not None and (word in s.nets) == wanted,
        )
    numbers = draw(st.lists(st.integers(-3, 12), min_size=1, max_size=4))
    listed = "(" + ", ".join(map(str, numbers)) + ",)"
    return Filter(
        f"n {sign} {listed}", lambda s: s.n is not None and any(s.n == i for i in numbers) == wanted
    )


@st.composite
def questions(draw):
    name = draw(st.sampled_from([v.name for v in COLUMNS]))
    what = draw(st.sampled_from(["missing", "known", "contains", "bare", "columns"]))
    if what == "missing":
        return Filter(f"missing({name})", lambda s: getattr(s, name) is None)
    if what == "known":
        return Filter(f"known({name})", lambda s: getattr(s, name) is not None)
    if what == "bare":
        return Filter("blinded", lambda s: s.blinded is True)
    if what == "columns":
        sign = draw(st.sampled_from(SIGNS))
        return Filter(f"n {sign} auc", lambda s: outcome(sign, s.n, s.auc))
    part = draw(_texts)
    return Filter(
        f"contains(title, {quoted(draw, part)})",
        lambda s: s.title is not None and part.lower() in s.title.lower(),
    )


def combined(inner):
    two = st.tuples(inner, inner)
    return (
        two.map(lambda p: Filter(f"({p[0].text}) and ({p[1].text})",
                                 lambda s: p[0].test(s) and p[1].test(s)))
        | two.map(lambda p: Filter(f"({p[0].text}) or ({p[1].text})",
                                   lambda s: p[0].test(s) or p[1].test(s)))
        | inner.map(lambda f: Filter(f"not ({f.text})", lambda s: not f.test(s)))
    )  # fmt: skip


FILTERS = st.recursive(
    comparisons() | chains() | memberships() | questions(), combined, max_leaves=6
)


@settings(max_examples=400)
@given(FILTERS, st.lists(studies(), min_size=1, max_size=6))
def test_a_filter_keeps_what_a_second_evaluation_keeps(made, rows):
    keep = compile_where(made.text, COLUMNS)
    assert [keep(s) for s in rows] == [bool(made.test(s)) for s in rows], made.text
