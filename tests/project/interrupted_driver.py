"""Runs every command that changes a review and stops it where it hurts; prints what went wrong.

A program of its own, so that it may fork: `python interrupted_driver.py MODE FOLDER`, where MODE is

- `kill`: the process dies (as by kill -9) at each call of the operating system in turn;
- `signal`: a real SIGKILL at random moments (seeded) while commands run one after the other;
- `together`: several processes at once.

After each stop the next command runs, and then every file must be the old one or the new one, those
of one command together, and nothing else may be left.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from pathlib import Path

from review import open_review
from review.errors import InputError
from review.formats.entries import Entry
from review.formats.saved_mappings import save_mapping
from review.project import change_records
from review.project.folder_check import check_review
from review.project.lock import locked
from review.workflow.certainty.certainty_writing import judge as judge_outcome
from review.workflow.coding.add import add_studies, remove_study
from review.workflow.coding.adjudicate import resolve, undo
from review.workflow.coding.agreed_values import write_agreed
from review.workflow.coding.assessment_files import bundled_tools
from review.workflow.coding.coded_answers import write_answers
from review.workflow.coding.init import init_review
from review.workflow.coding.judgement_cells import judge
from review.workflow.coding.linked_studies import link_reports, link_studies, unlink_report
from review.workflow.coding.resolutions import Resolution
from review.workflow.records.duplicate_review import dedupe, settle_doubts
from review.workflow.records.duplicate_review import undo as undo_decision
from review.workflow.records.found_duplicates import Decided
from review.workflow.records.import_records import ImportSettings, import_records
from review.workflow.screening.screening_decisions import (
    Decision,
    clear,
    decide,
    put_back,
    settle,
)
from review.workflow.screening.screening_duplicates import mark_duplicate, unmark_duplicate

DAY = dt.date(2026, 1, 31)
# every call by which the program changes the disk
CALLS = ("open", "write", "fsync", "replace", "rename", "link", "mkdir", "unlink", "rmdir", "chmod")


def moment():
    """Return one moment: two runs of a command write the same log."""
    return dt.datetime(2026, 1, 31, tzinfo=dt.UTC)


def person():
    return "Lee"


def make(folder):
    """Make a small review with two coders who disagree on two cells."""
    init_review(folder, title="Small")
    kept = (folder / "review.toml").read_text(encoding="utf-8")
    kept += '\n[[meta]]\nname = "auc"\noutcome = "auc"\n'
    (folder / "review.toml").write_text(kept, encoding="utf-8")
    (folder / "codings").mkdir()
    rows = {"coder1": ("0.90", "0.80"), "coder2": ("0.91", "0.81")}
    for coder, (a, b) in rows.items():
        text = f'study_id,auc,modality\n"a",{a},MRI\nb,{b},\n'
        (folder / "codings" / f"{coder}.csv").write_text(text, encoding="utf-8")
    add_studies(
        open_review(folder),
        [
            Entry("", None, {"study_id": i, "auc": "0.9", "title": f'5" {i}', "year": "2020"})
            for i in "abc"
        ],
    )
    resolve(open_review(folder), [Resolution("b", "auc", "0.80", "as printed", "Lee", DAY)])
    add_studies(open_review(folder), [Entry("", None, {"study_id": "z"})])
    remove_study(open_review(folder), "z")
    save_mapping(folder, ["Who", "Year"], {"Who": "first_author"})
    text = "record_id,title,year,doi\nr1,One,2020,10.1000/x\nr2,One,2020,10.1000/x\n"
    text += "r3,Two,2020,\nr4,Four,2021,\n"
    (folder / "records.csv").write_text(text, encoding="utf-8")
    settle_doubts(open_review(folder), [Decided("r1", "r3", "different", "Lee", "as printed")])
    decide(open_review(folder), "r1", "include", by="Ann")
    decide(open_review(folder), "r1", "exclude", by="Bob")
    mark_duplicate(open_review(folder), "r4", "r3", by="Ann")
    for name in ("r2", "r3"):
        decide(open_review(folder), name, "include", by="Ann", stage="full_text")
    link_reports(open_review(folder), [("r3", "b")], by="Ann")
    return folder


def init(folder):
    init_review(folder / "copy", source=str(folder), studies=True)


def add(folder):
    add_studies(open_review(folder), [Entry("", None, {"study_id": "new", "title": "x, y"})])


def remove(folder):
    remove_study(open_review(folder), "c")


def adjudicate(folder):
    resolve(open_review(folder), [Resolution("a", "auc", "0.91", "as printed", "Lee", DAY)])


def adjudicate_undo(folder):
    undo(open_review(folder))


def keep_mapping(folder):
    save_mapping(folder, ["Who", "AUC"], {"Who": "first_author"})


def set_cell(folder):
    open_review(folder).set_value("a", "auc", "0.95")


def import_export(folder):
    path = folder.parent / "export.ris"
    path.write_text("TY  - JOUR\nTI  - Three\nPY  - 2021\nER  - \n", encoding="utf-8")
    import_records(open_review(folder), [path], ImportSettings(date="2026-01-31"))


def compare_records(folder):
    dedupe(open_review(folder))


def compare_records_undo(folder):
    undo_decision(open_review(folder))


def screen(folder):
    decide(open_review(folder), "r2", "include", by="Ann")


def screen_settle(folder):
    settle(open_review(folder), "r1", "include", by="Cy")


def screen_clear(folder):
    clear(open_review(folder), "r1", by="Ann")


def screen_undo(folder):
    put_back(open_review(folder), Decision("r1", "screening", "Ann", "include"))


def screen_duplicate(folder):
    mark_duplicate(open_review(folder), "r2", "r1", by="Ann")


def screen_not_duplicate(folder):
    unmark_duplicate(open_review(folder), "r4", by="Ann")


def link(folder):
    link_studies(open_review(folder))


def link_set(folder):
    link_reports(open_review(folder), [("r2", "a")], by="Ann")


def link_unlink(folder):
    unlink_report(open_review(folder), "r3", by="Ann")


def code(folder):
    write_answers(open_review(folder), "c", {"auc": "0.9"}, by="coder1")


def rob(folder):
    domain = bundled_tools()["QUADAS-2"].domain[0].key
    judge(open_review(folder), "a", "QUADAS-2", domain, "low", assessor="Lee")


def adjudicate_agreed(folder):
    write_agreed(open_review(folder), ["coder1"])


def judge_certainty(folder):
    judge_outcome(open_review(folder), "auc", {"imprecision": "serious"}, why="wide", who="Lee")


def take_back_table(folder):
    open_review(folder).undo(3)  # the adjudication, which made its table


def take_back_row(folder):
    open_review(folder).undo(5)  # a row that was taken out


def take_back_file(folder):
    open_review(folder).undo(6)  # a file that was made


# under the name that the command gives its transaction
COMMANDS = {
    "init": init,
    "add": add,
    "remove": remove,
    "adjudicate": adjudicate,
    "adjudicate --undo": adjudicate_undo,
    "map": keep_mapping,
    "import": import_export,
    "dedupe": compare_records,
    "dedupe --undo": compare_records_undo,
    "set": set_cell,
    "screen": screen,
    "screen --settle": screen_settle,
    "screen --clear": screen_clear,
    "screen --undo": screen_undo,
    "screen --duplicate": screen_duplicate,
    "screen --not-duplicate": screen_not_duplicate,
    "rob": rob,
    "link": link,
    "link --set": link_set,
    "link --unlink": link_unlink,
    "code": code,
    "adjudicate --agreed": adjudicate_agreed,
    "certainty": judge_certainty,
    "undo": take_back_row,
    "undo a table": take_back_table,
    "undo a file": take_back_file,
}


def state(folder):
    """Return the bytes of every file that a reader sees."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and not any(part.startswith(".") for part in p.relative_to(folder).parts)
    }


def left_over(folder):
    """Return what the next command should have cleaned up."""
    kept = {".review.lock", ".gitignore"}
    hidden = (p for p in folder.rglob(".*") if p.name not in kept)
    return [p.relative_to(folder).as_posix() for p in hidden]


def next_command(folder):
    """Do what any next command does: take the lock of each review."""
    for part in (folder, folder / "copy"):
        if part.is_dir():
            with locked(part):
                pass


def wrong(folder, before, after):
    """Return what is wrong once the next command has run."""
    found = state(folder)
    said = [] if found in (before, after) else [f"mixed: {differing(found, before, after)}"]
    return said + [f"left over: {name}" for name in left_over(folder)]


def differing(found, before, after):
    names = {*found, *before, *after}
    return {
        name: [word for word, one in (("old", before), ("new", after)) if one.get(name) == there]
        for name in sorted(names)
        if (there := found.get(name)) is not None or name in before
    }


class At:
    """Does something at the n-th call of the operating system that changes the disk."""

    def __init__(self, number, act, *, always=False):
        self.number, self.act, self.always, self.count = number, act, always, -1

    def __enter__(self):
        self.real = {name: getattr(os, name) for name in CALLS}
        for name in CALLS:
            setattr(os, name, self._watched(self.real[name]))
        return self

    def __exit__(self, *_):
        for name, function in self.real.items():
            setattr(os, name, function)

    def _watched(self, real):
        def call(*arguments, **options):
            self.count += 1
            if self.count == self.number or (self.always and self.count > self.number >= 0):
                self.act()
            return real(*arguments, **options)

        return call

    @property
    def reached(self):
        return self.count >= self.number


def start(work):
    """Run `work` in a process of its own; return its number."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except Exception:  # noqa: BLE001  a child must never go on as its parent
            traceback.print_exc()
        finally:
            os._exit(code)
    return child


def status(child):
    """Wait for the end of a process; return its exit status."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def expected(base, command):
    after = base.with_name("after")
    shutil.copytree(base, after)
    COMMANDS[command](after)
    found = state(after)
    shutil.rmtree(after)
    return found


def kill(root):
    base = make(root / "base")
    before = state(base)
    for name, command in COMMANDS.items():
        after, number, code = expected(base, name), 0, 9
        while code == 9:
            folder = root / f"{name}-{number}".replace(" ", "")
            shutil.copytree(base, folder)

            def stopped(folder=folder, number=number, command=command):
                with At(number, lambda: os._exit(9)):
                    command(folder)

            code = status(start(stopped))
            if code not in {0, 9}:
                yield f"{name} at call {number}: status {code}"
            whole = {k: v in (before.get(k), after.get(k)) for k, v in state(folder).items()}
            if not all(whole.values()):
                yield f"{name} killed at call {number}: {[k for k, v in whole.items() if not v]}"
            next_command(folder)
            yield from (f"{name}, {number}: {w}" for w in wrong(folder, before, after))
            shutil.rmtree(folder)
            number += 1
        if number < 20:
            yield f"{name}: only {number} calls were seen"


def everything(folder, start):
    for number in range(start, start + 1000):
        ident = f"s{number}"
        cells = {"study_id": ident, "first_author": "Lee", "year": "2020"}
        add_studies(open_review(folder), [Entry("", None, cells)])
        adjudicate(folder)
        adjudicate_undo(folder)
        remove_study(open_review(folder), ident)


def signals(root):
    folder = make(root / "base")
    before = state(folder)
    random.seed(20260131)
    for attempt in range(12):
        child = start(lambda first=1000 * attempt: everything(folder, first))
        time.sleep(random.uniform(0.002, 0.15))
        os.kill(child, signal.SIGKILL)
        if (code := status(child)) != -signal.SIGKILL:
            yield f"kill {attempt}: it had ended before, with {code}"
        review = open_review(folder)
        settled = {(a.study_id, a.variable): a.consensus for a in review.adjudications}
        value = str(review.study("a").auc)
        if (value == "0.91") is not (("a", "auc") in settled):
            yield f"kill {attempt}: studies.csv says {value}, the record {settled}"
        next_command(folder)
        yield from (f"kill {attempt}: {p}" for p in check_review(open_review(folder)).problems
                    if p.level == "error")  # fmt: skip
        yield from (f"kill {attempt}: left over {name}" for name in left_over(folder))
        if ("a", "auc") in settled:
            adjudicate_undo(folder)
        for study in open_review(folder).studies:
            if study.study_id.startswith("s"):
                remove_study(open_review(folder), study.study_id)
    after = state(folder)
    if after | {"log.csv": b""} != before | {"log.csv": b""}:
        yield "taking everything back does not give the first state"


def worker(root, folder, me):
    """Add studies, settle and open a disagreement, remove studies, make new reviews."""
    for number in range(5):
        cells = {"study_id": f"w{me}n{number}", "auc": "0.90"}
        add_studies(open_review(folder), [Entry("", None, cells)])
        if me == 0:
            adjudicate(folder)
            adjudicate_undo(folder)
        if me == 1 and number:
            remove_study(open_review(folder), f"w1n{number - 1}")
        try:
            init_review(root / f"made{number}", title="Made")
        except InputError as error:
            if "already has" not in error.message:
                raise
        else:
            (root / f"by{number}-{me}").touch()


def together(root):
    folder = make(root / "base")
    children = [start(lambda me=me: worker(root, folder, me)) for me in range(6)]
    for child in children:
        if code := status(child):
            yield f"a worker ended with {code}"
    review = open_review(folder)
    ids = {s.study_id for s in review.studies}
    expected_ids = {f"w{w}n{n}" for w in range(6) for n in range(5)} - {f"w1n{n}" for n in range(4)}
    if ids != {*"abc", *expected_ids}:
        yield f"studies: {sorted(ids)}"
    if [(a.study_id, a.variable) for a in review.adjudications] != [("b", "auc")]:
        yield f"record: {review.adjudications}"
    for number in range(5):
        made = list(root.glob(f"by{number}-*"))
        if len(made) != 1 or not check_review(open_review(root / f"made{number}")).ok:
            yield f"made{number}: by {made}"
    yield from (f"left over {name}" for name in left_over(folder))


if __name__ == "__main__":
    change_records.now, change_records.user = moment, person
    found = {"kill": kill, "signal": signals, "together": together}[sys.argv[1]](Path(sys.argv[2]))
    sys.stdout.write(json.dumps(list(found)))
