"""Sums and differences of whole numbers: flow diagrams, category counts, selections, splits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.schema.prisma_sums import prisma_checks
from review.words import difference_text, sum_text
from review.workflow.audit.claim import Claim, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from review.schema.prisma_flow import PrismaCounts
    from review.workflow.audit.facts import Facts


def check_sum(
    check: str,
    text: str,
    parts: Sequence[tuple[str, int]],
    total: int,
    *,
    source: str,
    explain: Mapping[str, int] | None = None,
    sign: str = "+",
) -> Claim:
    """Return the claim that the parts add up to the total.

    Args:
        check: kind of the check.
        text: the claim in words.
        parts: (name, number) of each part; with sign "-" the first minus the others.
        total: the stated result.
        source: where it is stated.
        explain: named numbers stated elsewhere that may explain a difference.
        sign: "+" or "-".
    """
    numbers = [n for _, n in parts]
    result = sum(numbers) if sign == "+" else numbers[0] - sum(numbers[1:])
    right = result == total
    computation = (
        sum_text(numbers, total) if sign == "+" else difference_text(numbers[0], numbers[1:], total)
    )
    note = "" if right else _explanation(total - result, sign, explain or {})
    verdict = Verdict.CONFIRMED if right else Verdict.INCONSISTENT
    return Claim(check, text, verdict, str(total), str(result), computation, source, note)


def _explanation(gap: int, sign: str, known: Mapping[str, int]) -> str:
    """Say by how much a sum is off, and which stated numbers are exactly that much."""
    if sign == "-":
        said = f"off by {abs(gap)}"
    else:
        said = f"the parts are {abs(gap)} {'short' if gap > 0 else 'too many'}"
    names = [name for name, n in known.items() if n == abs(gap)]
    return f"{said}; exactly the number of {' or of '.join(names)}" if names else said


def check_prisma(flow: PrismaCounts, source: str) -> list[Claim]:
    """Check the arithmetic of a flow diagram; the sums are those of `prisma_checks`.

    Example:
        >>> from review.schema.prisma_flow import PrismaCounts
        >>> flow = PrismaCounts(assessed_full_text=236, excluded_at_full_text=114, included=121)
        >>> [str(c) for c in check_prisma(flow, "published.toml [prisma]")][0].splitlines()[1]
        '    236 − 114 = 122, stated 121'
    """
    return [
        Claim(
            "prisma", c.rule, Verdict(c.verdict), str(c.stated), "" if c.bound else str(c.computed),
            c.text, source, c.note,
        )
        for c in prisma_checks(flow)
    ]  # fmt: skip


def check_counts(
    counts: Mapping[str, Mapping[str, int]],
    total: int | None,
    total_name: str,
    source: str,
) -> list[Claim]:
    """Check that the counts of each variable's categories add up to the number of studies.

    Args:
        counts: variable -> category -> count.
        total: the number of studies; None when it is not stated.
        total_name: what the total is called.
        source: file and section.

    Returns:
        One claim per variable. A difference is explained by categories of the other variables.
    """
    claims = []
    for variable, categories in counts.items():
        place = f"{source}.{variable}]"
        parts = list(categories.items())
        if not parts:
            continue
        if total is None:
            summed = sum(categories.values())
            sums = [v for v, c in counts.items() if v != variable and sum(c.values()) == summed]
            note = f"the total is not stated; {', '.join(sums)} has the same sum" if sums else ""
            claims.append(
                Claim("counts", f"the categories of {variable} cover all studies",
                      Verdict.CONSISTENT if sums else Verdict.UNCHECKED, "", str(summed),
                      sum_text([n for _, n in parts]), place,
                      note or "the total is not stated")
            )  # fmt: skip
            continue
        others = {
            f"{category!r} in {other}": n
            for other, cats in _related(counts, variable).items()
            for category, n in cats.items()
        }
        text = f"{', '.join(c for c, _ in parts)} of {variable} cover all {total_name}"
        claim = check_sum("counts", text, parts, total, source=place, explain=others)
        if claim.failed and "exactly" in claim.note:
            claim = _in_no_category(claim, variable)
        claims.append(claim)
    return claims


def _related(
    counts: Mapping[str, Mapping[str, int]], variable: str
) -> dict[str, Mapping[str, int]]:
    """Return the other variables; only those that count the same category alike, if there are."""
    others = {name: cats for name, cats in counts.items() if name != variable}
    alike = {n: c for n, c in others.items() if set(c.items()) & set(counts[variable].items())}
    return alike or others


def _in_no_category(claim: Claim, variable: str) -> Claim:
    from dataclasses import replace

    return replace(claim, note=f"{claim.note}: these are in no category of {variable}")


def check_selection(steps: Mapping[str, int], source: str) -> list[Claim]:
    """Check a selection: total minus every `excluded_...` is what is plotted or analysed.

    Numbers that are part of the result, such as those in both panels, are at most the result.
    """
    total = steps.get("total")
    result_name = next((n for n in ("plotted", "analysed", "included") if n in steps), None)
    removed = [(k, v) for k, v in steps.items() if k.startswith("excluded")]
    claims = []
    if total is not None and result_name is not None and removed:
        parts = [("total", total), *removed]
        names = ", ".join(k.removeprefix("excluded_").replace("_", " ") for k, _ in removed)
        text = f"studies {result_name}: {total} without {names}"
        claims.append(
            check_sum("selection", text, parts, steps[result_name], source=source, sign="-")
        )
    if result_name is not None:
        rest = [k for k in steps if k not in {"total", result_name} and not k.startswith("excl")]
        for name in rest:
            fits = 0 <= steps[name] <= steps[result_name]
            claims.append(
                Claim("selection", f"{name.replace('_', ' ')} is part of {result_name}",
                      Verdict.CONSISTENT if fits else Verdict.IMPOSSIBLE, str(steps[name]), "",
                      f"{steps[name]} {'<=' if fits else '>'} {steps[result_name]}", source)
            )  # fmt: skip
    return claims


def check_split(facts: Facts) -> list[Claim]:
    """Check training + validation + test = all images (or patients, or n)."""
    train, validation = facts.count("train"), facts.count("validation")
    test = facts.count("test", "n_test")
    parts = [(k, v) for k, v in (("training", train), ("validation", validation), ("test", test))
             if v is not None]  # fmt: skip
    if train is None or len(parts) < 2:
        return []
    names = " + ".join(k for k, _ in parts)
    stated = [(k, facts.count(k)) for k in ("images", "n", "patients") if facts.has(k)]
    if not stated:
        text = f"{names} = all"
        return [facts.claim("split", text, Verdict.UNCHECKED, note="the total is not stated")]
    summed = sum(v for _, v in parts)
    # the parts may count images or patients: the total that they add up to is meant
    name, total = next(((k, v) for k, v in stated if v == summed), stated[0])
    assert total is not None
    claim = check_sum("split", f"{names} = {name}", parts, total, source=facts.source)
    note, verdict = claim.note, claim.verdict
    if claim.failed and summed < total and len(parts) < 3:
        verdict, note = Verdict.UNCHECKED, "not all parts are stated"
    elif claim.failed and summed > total:
        note += "; augmented images among the training images would explain it"
    return [
        facts.claim("split", claim.claim, verdict, reported=total, recomputed=summed,
                    computation=claim.computation, note=note)
    ]  # fmt: skip


def check_patients(facts: Facts) -> list[Claim]:
    """Check that there are no more patients than images."""
    patients, images = facts.count("patients"), facts.count("images")
    if patients is None or images is None:
        return []
    fits = patients <= images
    note = "" if fits else "each patient has at least one image, unless they count different data"
    return [
        facts.claim("patients", "no more patients than images",
                    Verdict.CONSISTENT if fits else Verdict.INCONSISTENT, reported=patients,
                    computation=f"{patients} {'<=' if fits else '>'} {images}", note=note,
                    at="patients")
    ]  # fmt: skip


def check_parts(facts: Facts) -> list[Claim]:
    """Check that listed parts (`57;26;14`) add up to the stated total `n`."""
    text, total = facts.words.get("parts"), facts.count("n")
    if text is None:
        return []
    parts = [part.strip() for part in text.replace("+", ";").split(";") if part.strip()]
    if not all(part.isascii() and part.isdigit() for part in parts):
        return []
    numbers = [int(part) for part in parts]
    if total is None:
        return [facts.claim("counts", "the parts make up the whole", Verdict.UNCHECKED,
                            note="the total (column n) is not stated")]  # fmt: skip
    claim = check_sum(
        "counts", "the parts make up the whole", [("", n) for n in numbers], total,
        source=facts.source,
    )  # fmt: skip
    return [facts.claim("counts", claim.claim, claim.verdict, reported=total,
                        recomputed=claim.recomputed, computation=claim.computation,
                        note=claim.note)]  # fmt: skip
