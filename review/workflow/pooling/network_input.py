"""What goes into a network meta-analysis: comparisons or arms, from a file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError, UnknownNameError
from review.formats.read_options import DEFAULT
from review.stats.networks.arm_contrasts import NEEDS
from review.words import listed
from review.workflow.pooling.arm_headings import arm_columns
from review.workflow.pooling.csv_input import study_names
from review.workflow.pooling.plain_table import filtered, read_plain, stated_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from review.formats.read_options import ReadOptions
    from review.stats.networks.arm_contrasts import ArmContrasts
    from review.workflow.pooling.plain_table import PlainTable

NAMES: Final = ("treat1", "treat2", "treat", "study")
NUMBERS: Final = ("te", "se", "vi", "xi", "ni", "ti", "mi", "sdi")
ARGUMENTS: Final = (*NAMES, *NUMBERS)
# what columns are usually called -> argument
HEADINGS: Final = {
    "yi": "te", "effect": "te", "estimate": "te", "est": "te", "lnor": "te", "logor": "te",
    "log_or": "te", "sei": "se", "sete": "se", "std_err": "se", "stderr": "se",
    "standard_error": "se", "selnor": "se", "var": "vi", "variance": "vi",
    "t1": "treat1", "treatment1": "treat1", "treatment_1": "treat1", "trt1": "treat1",
    "t2": "treat2", "treatment2": "treat2", "treatment_2": "treat2", "trt2": "treat2",
    "treatment": "treat", "trt": "treat", "arm": "treat", "group": "treat",
    "studlab": "study", "trial": "study", "study_id": "study", "studyid": "study",
    "events": "xi", "event": "xi", "responders": "xi", "r": "xi", "n": "ni", "total": "ni",
    "samplesize": "ni", "sample_size": "ni", "randomized": "ni", "time": "ti",
    "person_time": "ti", "exposure": "ti", "mean": "mi", "sd": "sdi",
}  # fmt: skip


@dataclass(frozen=True)
class NetworkInput:
    """The rows of a network meta-analysis.

    Attributes:
        title: of figures and tables. source: file or review.
        columns: te, se, treat1, treat2, studlab of `review.network_meta`; or `made`.
        made: comparisons that arms became, or None.
        measure: code of the measure, or None.
        rho: assumed correlation of the arms of a study, where it is one; None otherwise.
        other_rho: the same comparisons under other assumptions: rho -> comparisons.
        left_out: (label, reason) of rows that cannot be used.
        notes: remarks about the rows.
        name: of the `[[meta]]` table that it was made from, or "".
        heading: of its part of the report, or "".
    """

    title: str
    source: str
    columns: dict[str, list[Any]] = field(default_factory=dict)
    made: ArmContrasts | None = None
    measure: str | None = None
    rho: float | None = None
    other_rho: dict[float, ArmContrasts] = field(default_factory=dict)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    name: str = ""
    heading: str = ""


def from_network_csv(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    measure: str | None = None,
    study: str | None = None,
    arm: str | None = None,
    where: str | None = None,
    options: Mapping[str, Any] | None = None,
    reading: ReadOptions = DEFAULT,
) -> NetworkInput:
    """Return the comparisons of a CSV, Excel or OpenDocument file.

    A file with one row per comparison has the effect (te), its standard error (se) or variance
    (vi), and two treatments (treat1, treat2); one with a row per arm has a treatment (treat) and
    the numbers of the measure: xi and ni, xi and ti, or mi, sdi and ni.

    Args:
        path: the file.
        columns: argument -> column of the file, in addition to those found by their headings.
        measure: code of the measure; needed for arms.
        study: the column with the study.
        arm: the column with the treatment of each arm.
        where: a filter of the rows.
        options: add and drop00 of `review.arm_contrasts`.
        reading: how the file is read.

    Raises:
        UnknownNameError: a column or an argument does not exist.
        InputError: columns are missing or contradict each other.
        DataError: the file is broken, a cell is no number, or a name is missing.
    """
    table = read_plain(path, reading)
    remarks = table.remarks()
    if where:
        table = filtered(table, where)
    chosen = _columns(table, columns or {}, study=study, arm=arm)
    by_arm = _kind(table, chosen, measure)
    read = ", ".join(f"{a} from {c}" for a, c in chosen.items() if a != c)
    notes = [*remarks, *table.notes, *([f"read as: {read}"] if read else [])]
    studies = (
        stated_names(table, chosen["study"]) if "study" in chosen else study_names(table, None)
    )
    empty = NetworkInput(path.stem, path.name, measure=measure, notes=notes)
    if by_arm:
        return _of_arms(table, chosen, studies, empty, options or {})
    if options:
        raise InputError(f"{listed(options)}: about arms with counts; this file has comparisons")
    te = table.numbers(chosen["te"])
    spread = "se" if "se" in chosen else "vi"
    values = table.numbers(chosen[spread])
    table.require()
    if spread == "vi":
        # the sign of a wrong variance stays visible
        values = [v**0.5 if v > 0 else v for v in values]
    return replace(
        empty,
        columns={
            "te": te, "se": values, "treat1": stated_names(table, chosen["treat1"]),
            "treat2": stated_names(table, chosen["treat2"]), "studlab": studies,
        },
    )  # fmt: skip


def _columns(
    table: PlainTable, given: Mapping[str, str], *, study: str | None, arm: str | None
) -> dict[str, str]:
    """Return argument -> column: those given, then those found by their headings."""
    own = {HEADINGS.get(a.casefold(), a): c for a, c in given.items()}
    own |= {a: c for a, c in (("study", study), ("treat", arm)) if c}
    for argument, column in own.items():
        if argument not in ARGUMENTS:
            raise UnknownNameError("argument", argument, ARGUMENTS, where="of a network")
        table.has(column)
    found: dict[str, str] = {}
    for column in table.header:
        name = re.sub(r"[\s.-]+", "_", column.strip().casefold())
        argument = name if name in ARGUMENTS else HEADINGS.get(name, "")
        if not argument or argument in own or column in own.values():
            continue
        if argument in found:
            raise InputError(
                f"{table.name}: {found[argument]!r} and {column!r} both are called like "
                f"{argument}; say which one with --column {argument}=COLUMN"
            )
        found[argument] = column
    return found | own


def _kind(table: PlainTable, chosen: dict[str, str], measure: str | None) -> bool:
    """Tell whether rows are arms, and demand the columns of either kind."""
    pairs = [a for a in ("treat1", "treat2") if a in chosen]
    if pairs:
        lacking = [a for a in ("te", "treat1", "treat2") if a not in chosen]
        if not {"se", "vi"} & chosen.keys():
            lacking.append("se")
        if lacking:
            why = "comparisons need te, se, treat1 and treat2"
            raise InputError(_lacks(table, lacking, why) + _two_arms(table))
        return False
    if "treat" not in chosen:
        raise InputError(
            _lacks(
                table, ["treat1 and treat2 (or treat, for arms)"],
                "a network needs the treatments of each row",
            )
        )  # fmt: skip
    if measure is None:
        raise InputError(
            f"rows of {table.name} are arms: name the measure that compares them (--measure "
            f"{', '.join(NEEDS)})"
        )
    code = next((m for m in NEEDS if m == measure.strip().upper()), None)
    if code is None:
        raise UnknownNameError("measure", measure, NEEDS, where="of arms")
    lacking = [a for a in NEEDS[code] if a not in chosen]
    if lacking:
        raise InputError(_lacks(table, lacking, f"{code} of arms needs {listed(NEEDS[code])}"))
    return True


def _two_arms(table: PlainTable) -> str:
    """Say how arms that stand side by side in a row are written, where headings tell of such."""
    from review.stats.effects.measure_registry import find_measure

    found = next((c for m in ("OR", "MD") if (c := arm_columns(table.header, find_measure(m)))), {})
    if not found:
        return ""
    return (
        f". Its rows hold several arms ({', '.join(found.values())}): give each arm a row of its "
        "own, with study, treat and its numbers, and name the measure (--measure)"
    )


def _lacks(table: PlainTable, lacking: list[str], why: str) -> str:
    return (
        f"{table.name} has no column for {listed(lacking)}: {why}; map yours with --column, such "
        f"as {lacking[0].split()[0]}=COLUMN. Its columns are {', '.join(table.header)}"
    )


def _of_arms(
    table: PlainTable, chosen: dict[str, str], studies: list[str], empty: NetworkInput,
    options: Mapping[str, Any],
) -> NetworkInput:  # fmt: skip
    from review.stats.networks.arm_contrasts import arm_contrasts

    code = (empty.measure or "").strip().upper()
    numbers: dict[str, Any] = {a: table.numbers(chosen[a]) for a in NEEDS[code]}
    table.require()
    made = arm_contrasts(code, stated_names(table, chosen["treat"]), studies, **numbers, **options)
    return replace(empty, made=made, measure=code)
