"""Writes `certainty.toml`: proposals that nobody has confirmed, and judgements of people.

What people wrote by hand stays as it is, comments too; a judgement that a person has confirmed is
changed by a person alone.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from review.errors import InputError, UnknownNameError
from review.project import change_records
from review.project.bounded import read_bounded
from review.project.csv_tables import decode
from review.project.toml_files import read_settings
from review.project.transaction import changes
from review.schema.certainty_file import (
    DOMAINS,
    LOWERING,
    CertaintyFile,
    OutcomeCertainty,
)
from review.schema.folder_files import CERTAINTY
from review.schema.meta_settings import first_message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from review.project import Review
    from review.schema.change_log import LoggedChange
    from review.workflow.certainty.domain_proposals import Proposal
    from review.workflow.certainty.outcome_states import OutcomeState

HEAD: Final = """\
# How sure the evidence of each outcome is (GRADE). confirmed = false: proposed by the program, and
# counts for nothing. Read it, correct it, and set confirmed = true, or run
#   review certainty --outcome NAME --set imprecision=serious --why "..."
"""
HINTS: Final = """\
# design = "randomised"      # or observational, accuracy, prognosis, prevalence: where it starts
# intervention = ""          # as a sentence calls it
# comparison = ""
# mid = 10                   # smallest important difference: events per 1,000, or units of means
# [[outcome.baseline]]       # what happens without the intervention (a risk, rate or mean)
# value = 0.05
# name = "low risk"
# source = ""
"""
# keys of an outcome that --set takes, and where the reason goes
REASONS: Final = {
    "overall": "overall_why", "start": "start_why", "mid": "mid_source", "sd": "sd_source",
}  # fmt: skip
PLAIN: Final = ("outcome", "intervention", "comparison", "design", "time", "unit", "people")
NUMBERS: Final = ("mid", "sd", "people")
BASELINE: Final = "baseline"


def write_proposals(
    review: Review, states: Sequence[OutcomeState], *, who: str = "", dry_run: bool = False
) -> tuple[LoggedChange | None, list[str]]:
    """Write outcomes that the file lacks, and new proposals where nobody has judged.

    Args:
        review: the review.
        states: its outcomes; those without a pooled result are left out.
        who: makes the change.
        dry_run: write nothing.

    Returns:
        The change as the log has it (None when nothing changed), and what was written, in words.

    Raises:
        DataError: `certainty.toml` is broken.
        InputError: the folder cannot be written to.
    """
    with changes(review, command="certainty", who=who, dry_run=dry_run) as tx:
        before = _text(review.path)
        document = _parsed(before)
        said = []
        added = []
        for state in states:
            table = _table(document, state.outcome.name)
            if state.evidence is None:
                continue
            if table is None:
                added.append(_new_outcome(state))
                said.append(f"{state.outcome.name}: new, with proposals")
                continue
            said += _refresh(table, state)
        text = _dumped(document)
        text = "\n".join([text.rstrip("\n") + "\n" if text.strip() else HEAD, *added])
        if added or text.strip() != before.strip():
            _checked(text)
            tx.replace(CERTAINTY, text.encode())
    return tx.logged, said


def judge(
    review: Review,
    name: str,
    values: Mapping[str, str],
    *,
    confirm: Sequence[str] = (),
    why: str = "",
    who: str = "",
    dry_run: bool = False,
) -> tuple[LoggedChange | None, OutcomeCertainty]:
    """Set judgements and facts of an outcome, and confirm proposals; all of them, or none.

    Args:
        review: the review.
        name: of the `[[meta]]` analysis.
        values: domain -> judgement, or another key -> value (see `PLAIN`, `REASONS`); `baseline`
            adds one, such as `0.05 low risk`.
        confirm: domains whose judgement in the file becomes one of `who`.
        why: the reason of all values, or the source of a number.
        who: judges.
        dry_run: write nothing.

    Returns:
        The change, or None where the file says so already, and the outcome as it is then.

    Raises:
        UnknownNameError: no such analysis, key or domain.
        InputError: a word that is none of the domain, a judgement without a reason, nothing to
            confirm.
        DataError: `certainty.toml` is broken.
    """
    names = [m.name for m in review.settings.meta]
    real = next((n for n in names if n.casefold() == name.casefold()), None)
    if real is None:
        raise UnknownNameError("outcome", name, names, where="among the [[meta]]")
    known = [*DOMAINS, *REASONS, *PLAIN, BASELINE]
    for key in (*values, *confirm):
        if key not in (DOMAINS if key in confirm else known):
            raise UnknownNameError("domain", key, list(DOMAINS) if key in confirm else known)
    person = who or change_records.user()
    today = change_records.now().date()
    with changes(review, command="certainty", who=who, dry_run=dry_run) as tx:
        before = _text(review.path)
        document = _parsed(before if before.strip() else HEAD)
        if _table(document, real) is None:
            text = f"{_dumped(document).rstrip()}\n\n[[outcome]]\nname = {json.dumps(real)}\n"
            document = _parsed(text)
        table = _table(document, real)
        for key, value in values.items():
            _set(table, key, value, {"why": why, "who": person, "when": today})
        for domain in confirm:
            found = table.get(domain)
            if not found or not found.get("judgement"):
                raise InputError(
                    f"{real}: nothing is proposed for {domain}: name a judgement "
                    f"(--set {domain}=none --why ...)"
                )
            found.update({"confirmed": True, "who": person, "when": today})
            if why:
                found["why"] = why
        text = _dumped(document)
        after = _checked(text)
        if text != before:
            tx.replace(CERTAINTY, text.encode())
    return tx.logged, next(o for o in after.outcome if o.name.casefold() == real.casefold())


def _set(table: Any, key: str, value: str, how: Mapping[str, Any]) -> None:
    """Set an entry of an outcome; `how` holds the reason, who sets it, and the day."""
    import tomlkit

    why = how["why"]
    if key in DOMAINS:
        if not why.strip():
            raise InputError(f"a judgement of {key} needs a reason: --why TEXT")
        judged = {"judgement": value, "confirmed": True, **how}
        if key not in table:
            table[key] = tomlkit.table()
        table[key].update(judged)
        return
    if key == BASELINE:
        number, _, name = value.strip().partition(" ")
        one = {"value": _number(key, number), "source": why}
        entry = tomlkit.table()
        entry.update(one | ({"name": name.strip()} if name.strip() else {}))
        if BASELINE not in table:
            table[BASELINE] = tomlkit.aot()
        table[BASELINE].append(entry)
        return
    table[key] = _number(key, value) if key in NUMBERS else value
    if key in REASONS and why:
        table[REASONS[key]] = why


def _number(key: str, text: str) -> float | int:
    try:
        found = float(text)
    except ValueError:
        raise InputError(f"{key}: {text!r} is no number such as 0.05") from None
    return int(found) if found.is_integer() and "." not in text else found


def _text(folder: Path) -> str:
    path = folder / CERTAINTY
    if not path.is_file():
        return ""
    read_settings(path, CertaintyFile)  # what is broken is not written over
    return decode(read_bounded(path, CERTAINTY, root=folder), CERTAINTY)[0]


def _parsed(text: str) -> Any:
    import tomlkit

    return tomlkit.parse(text)


def _dumped(document: Any) -> str:
    import tomlkit

    return tomlkit.dumps(document)


def _checked(text: str) -> CertaintyFile:
    """Return the file that a text would be.

    Raises:
        InputError: it would be wrong.
    """
    import tomllib

    try:
        return CertaintyFile.model_validate(tomllib.loads(text))
    except ValidationError as error:
        where = ".".join(str(p) for p in error.errors()[0]["loc"] if isinstance(p, str))
        raise InputError(
            f"{CERTAINTY}: {where.partition('.')[2]}: {first_message(error)}"
        ) from None


def _table(document: Any, name: str) -> Any:
    for table in document.get("outcome", ()):
        if str(table.get("name", "")).casefold() == name.casefold():
            return table
    return None


def _new_outcome(state: OutcomeState) -> str:
    """Return the text of an outcome with its proposals."""
    parts = [f"[[outcome]]\nname = {json.dumps(state.outcome.name)}\n{HINTS}"]
    for domain in DOMAINS:
        proposal = state.proposals[domain]
        if domain in LOWERING or proposal.judgement:
            lines = [f"{k} = {_quoted(v)}" for k, v in _proposed(proposal).items()]
            parts.append("\n".join([f"[outcome.{domain}]", *lines]) + "\n")
    return "\n".join(parts)


def _quoted(value: Any) -> str:
    # basic strings of TOML and JSON are escaped in the same way
    return json.dumps(value, ensure_ascii=False)


def _proposed(proposal: Proposal) -> dict[str, Any]:
    return {"judgement": proposal.judgement, "why": proposal.why, "confirmed": False}


def _refresh(table: Any, state: OutcomeState) -> list[str]:
    """Bring proposals that nobody has judged up to date; say which."""
    import tomlkit

    said = []
    for domain, proposal in state.proposals.items():
        found = table.get(domain)
        judged = found is not None and bool(found.get("confirmed", False))
        if judged or not (domain in LOWERING or proposal.judgement):
            continue
        new = _proposed(proposal)
        if found is None:
            table[domain] = tomlkit.table()
        elif all(found.get(k) == v for k, v in new.items()) or not proposal.judgement:
            continue  # what people noted where nothing is computed stays
        table[domain].update(new)
        said.append(f"{state.outcome.name}: {domain.replace('_', ' ')} proposed anew")
    return said
