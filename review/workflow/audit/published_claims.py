"""Published facts: what the paper of a reproduced review states, against arithmetic and data."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from review.project.toml_files import read_toml
from review.workflow.audit.checks import check_facts
from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.facts import METRICS, facts_from
from review.workflow.audit.network_claims import (
    check_layers,
    check_reference_claims,
    check_table1_cells,
)
from review.workflow.audit.ratios import check_stated_claims
from review.workflow.audit.sums import check_counts, check_prisma, check_selection
from review.workflow.prisma import published_flow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from review.project import Review

FILE: Final = "published.toml"
_OWN: Final = frozenset(
    {"source", "prisma", "counts", "claims", "vocabulary", "table1", "convolution_arithmetic"}
)
_OTHER_LIST: Final = re.compile(r"re-?coded|sample|quoted", re.IGNORECASE)


def read_published(review: Review) -> dict[str, Any]:
    """Return `published.toml` with the digits as printed; empty without the file.

    Raises:
        DataError: the file is broken.
    """
    if review.published is None:  # also validates the file
        return {}
    return read_toml(review.path / FILE, FILE, root=review.root, parse_float=Decimal)


def check_published(review: Review) -> list[Claim]:
    """Return the claims on the published facts of a review."""
    data = read_published(review)
    if not data:
        return []
    counts = _block(data, "counts")
    total, total_name = _total(review, data)
    flow = published_flow(review)
    claims = [] if flow is None else check_prisma(flow, f"{FILE} [prisma]")
    claims += check_counts(counts, total, total_name, f"{FILE} [counts")
    claims += _against_data(review, data)
    claims += _selections(data)
    claims += _correlations(data)
    claims += check_layers(data, FILE, notes=not review.bundled)
    claims += check_table1_cells(data.get("table1") or (), FILE)
    claims += check_reference_claims(review.name) if review.bundled else []
    claims += check_stated_claims(data, review.name)
    return claims + _records(data)


def _block(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a table of the file; empty when it is not there or something else."""
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def _total(review: Review, data: Mapping[str, Any]) -> tuple[int | None, str]:
    """Return the number of studies that categories have to cover, and what it counts."""
    included = _block(data, "prisma").get("included")
    claimed = _block(data, "source").get("studies_claimed")
    listed = len(review.whole.studies) if _is_own_list(review) else 0
    for total, words in ((included, "included"), (listed, "listed"), (claimed, "claimed")):
        if isinstance(total, int) and total:
            return total, f"{total} studies {words}"
    return None, ""


def _is_own_list(review: Review) -> bool:
    """Whether `studies.csv` is the list of the paper, as the setting `sample` says."""
    return not _OTHER_LIST.search(review.settings.sample)


def _selections(data: Mapping[str, Any]) -> list[Claim]:
    claims = []
    for name, block in data.items():
        steps = block.get("selection") if isinstance(block, dict) else None
        if isinstance(steps, dict):
            whole = {k: v for k, v in steps.items() if isinstance(v, int)}
            claims += check_selection(whole, f"{FILE} [{name}.selection]")
    return claims


def _correlations(data: Mapping[str, Any]) -> list[Claim]:
    """Check each published rho and p against its n, or the most points that can be plotted."""
    claims = []
    for name, block in data.items():
        rows = block.get("spearman") if isinstance(block, dict) else None
        steps = _block(block, "selection") if isinstance(block, dict) else {}
        for i, row in enumerate(rows if isinstance(rows, list) else [], 1):
            if not isinstance(row, dict):
                continue
            facts = facts_from(row, f"{FILE} [[{name}.spearman]] {i}")
            axes = " against ".join(str(row[k]) for k in ("y", "x") if row.get(k))
            facts.words["label"] = axes
            if "n" not in facts.numbers and isinstance(steps.get("plotted"), int):
                facts.numbers |= facts_from({"n_max": steps["plotted"]}, "").numbers
            claims += check_facts(facts)
    return claims


def _records(data: Mapping[str, Any]) -> list[Claim]:
    """Check every other record: splits, results, counts that are stated together."""
    claims = []
    for path, record in _walk({k: v for k, v in data.items() if k not in _OWN}, ""):
        if path.endswith((".selection", ".spearman")) or ".spearman]" in path:
            continue
        name = record.get("study") or record.get("name") or ""
        facts = facts_from(record, f"{FILE} {path}")
        if name:
            facts.words["label"] = str(name)
        found = check_facts(facts)
        stated = [m for m in METRICS if m in facts.numbers]
        if not found and stated:
            found = [
                facts.claim("proportion", f"{stated[0]} {facts.numbers[stated[0]]}",
                            Verdict.UNCHECKED, reported=facts.numbers[stated[0]],
                            note="the size of the test set is not stated")
            ]  # fmt: skip
        claims += found
    return claims


def _walk(value: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every table below `value` with its place: `[a.b]`, or `[[a]] 2` for list items."""
    if not isinstance(value, dict):
        return
    if path:
        yield path if path.startswith("[") else f"[{path}]", value
    for key, item in value.items():
        here = f"{path}.{key}" if path and not path.startswith("[") else key
        if isinstance(item, dict):
            yield from _walk(item, here)
        elif isinstance(item, list):
            for i, one in enumerate(item, 1):
                yield from _walk(one, f"[[{here}]] {i}")


def _against_data(review: Review, data: Mapping[str, Any]) -> list[Claim]:
    """Compare published totals and counts with the tables of the review."""
    claims = []
    included = _block(data, "prisma").get("included")
    claimed = _block(data, "source").get("studies_claimed")
    studies = len(review.whole.studies)
    own = _is_own_list(review)
    if studies:
        for name, total in (("studies_claimed", claimed), ("included", included)):
            if isinstance(total, int) and not isinstance(total, bool):
                claims.append(_listed(review, name, total, data, own=own))
    if own and studies:
        claims += _categories(review, _block(data, "counts"))
    datasets = _block(data, "public_datasets").get("count")
    if isinstance(datasets, int) and review.whole.datasets:
        found = len(review.whole.datasets)
        same = datasets == found
        verdict = Verdict.CONFIRMED if same else Verdict.INCONSISTENT
        claims.append(
            Claim("counts", f"{datasets} public data sets are listed",
                  verdict if own else Verdict.UNCHECKED, str(datasets), str(found),
                  f"datasets.csv has {found} rows", f"{FILE} [public_datasets]",
                  "" if own else "datasets.csv is another list than the paper's")
        )  # fmt: skip
    return claims


def _listed(review: Review, name: str, total: int, data: Mapping[str, Any], *, own: bool) -> Claim:
    studies = len(review.whole.studies)
    section = "source" if name == "studies_claimed" else "prisma"
    text = f"{total} studies {'claimed' if name == 'studies_claimed' else 'included'} are listed"
    computation = f"studies.csv lists {studies}" + ("" if studies == total else f", not {total}")
    for variable, categories in _block(data, "counts").items():
        if own and sum(categories.values()) == studies != total:
            summed = " + ".join(map(str, categories.values()))
            computation += f"; {summed} = {studies} by {variable}"
            break
    if not own:
        note = f"studies.csv is another list than the paper's ({review.settings.sample})"
        return Claim("counts", text, Verdict.UNCHECKED, str(total), str(studies), computation,
                     f"{FILE} [{section}] {name}", note)  # fmt: skip
    verdict = Verdict.CONFIRMED if studies == total else Verdict.INCONSISTENT
    note = "" if studies == total else (
        f"{abs(total - studies)} {'more are claimed than' if total > studies else 'fewer than are'}"
        " listed"
    )  # fmt: skip
    return Claim("counts", text, verdict, str(total), str(studies), computation,
                 f"{FILE} [{section}] {name}", note)  # fmt: skip


def _categories(review: Review, counts: Mapping[str, Mapping[str, int]]) -> list[Claim]:
    """Compare published counts with the studies, for variables that the codebook has."""
    claims = []
    for variable, categories in counts.items():
        if variable not in review.codebook:
            continue
        values = (s.value(variable) for s in review.whole.studies)
        found = Counter(w for v in values if v is not None
                        for w in (v if isinstance(v, tuple) else (v,)))  # fmt: skip
        wrong = [f"{c}: {n} published, {found[c]} listed"
                 for c, n in categories.items() if found[c] != n]  # fmt: skip
        stated = ", ".join(f"{c} {n}" for c, n in categories.items())
        listed = ", ".join(f"{c} {found[c]}" for c in categories)
        claims.append(
            Claim("counts", f"published counts of {variable} are those of the studies listed",
                  Verdict.INCONSISTENT if wrong else Verdict.CONFIRMED, stated, listed,
                  "; ".join(wrong) or f"studies.csv: {listed}", f"{FILE} [counts.{variable}]")
        )  # fmt: skip
    return claims
