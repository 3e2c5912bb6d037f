"""The questions of `review code`: a study with its reports, then each variable of the codebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import typer

from review.cli.common import answer_hint, ask, echo, print_marked, warn

if TYPE_CHECKING:
    from review.project import Review
    from review.schema import Variable

KEYS: Final = (
    "Enter leaves a question as it is; NR says that the reports do not state it. :b goes back, "
    ":g NAME to a question, :c clears the answer, :a shows the reports again, :l all answers, "
    ":n the next study, :q stops, :? shows this"
)
_MOST_NUMBERED: Final = 40


def run_coding(review: Review, study: str | None, by: str) -> None:
    """Ask a coder about one study, or about each that has open questions."""
    from review.errors import InputError
    from review.workflow.coding.coded_answers import coder_named, studies_left

    if not review.codebook.names:
        raise InputError("codebook.toml has no variable: there is nothing to ask")
    if not review.studies:
        raise InputError(
            "studies.csv has no study yet: 'review link' makes studies of the included reports, "
            "'review add' adds one"
        )
    wanted = None if study is None else review.study(study).study_id
    try:
        name = by.strip() or ask("Who codes (your name)", None)
    except typer.Abort:
        warn("")
        return
    coder = coder_named(review, name)
    left = studies_left(review, coder)
    todo = left if wanted is None else [wanted]
    if not todo:
        echo(f"{coder} has answered every question; 'review code STUDY' opens a study again")
        return
    warn(KEYS)
    answered = 0
    for number, study_id in enumerate(todo, 1):
        session = _Coding(review, coder, study_id, f"[{number}/{len(todo)}] ")
        try:
            going = session.run()
        except (typer.Abort, KeyboardInterrupt):
            warn("")
            going = False
        answered += len(session.changed)
        if not going:
            break
    left = studies_left(review, coder)
    file = f"codings/{coder}.csv"
    echo(f"{answered} answered in this run, all of it is written to {file}; {len(left)} of "
         f"{len(review.studies)} studies with open questions")  # fmt: skip
    if not left and len(review.coders) > 1:
        warn("'review adjudicate' settles what coders differ in; --agreed writes the rest")


@dataclass
class _Coding:
    """One coder at one study.

    Attributes:
        count: which of how many, for the first line.
        passed: questions that were left open in this run, and are not asked again.
        changed: questions that were answered in this run.
    """

    review: Review
    coder: str
    study_id: str
    count: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)

    def run(self) -> bool:
        """Ask until nothing is open, or the person goes on or stops; False to stop."""
        from review.workflow.coding.coded_answers import answers_of

        self.answers = answers_of(self.review, self.coder, self.study_id)
        names = [*self.answers]
        self.show_study()
        done = sum(map(bool, self.answers.values()))
        if done:
            warn(f"{done} of {len(names)} answered before (:l shows them)")
        at = self.next_open(names, -1)
        if at is None:
            warn("every question is answered: Enter is done, :b goes back, :g NAME to one")
            at = len(names)
        while at is not None:
            word = self.one(names, at) if at < len(names) else ask("  done", "").strip()
            if word == ":q":
                return False
            if word in {":n", ""} and at == len(names):
                return True
            if word == ":n":
                return True
            at = self.moved(names, at, word)
        return True

    def next_open(self, names: list[str], at: int) -> int | None:
        """The next question that is open and was not passed, from the place on, then from the top.

        None when there is none.
        """
        order = [*range(at + 1, len(names)), *range(at + 1)]
        return next(
            (i for i in order if not self.answers[names[i]] and names[i] not in self.passed), None
        )

    def moved(self, names: list[str], at: int, word: str) -> int | None:
        """Do what a word with a colon says, and return which question comes next."""
        key, _, rest = word.partition(" ")
        if key == ":b":
            if at == 0:
                warn("  this is the first question")
            return max(0, at - 1)
        if key == ":g":
            wanted = rest.strip()
            if wanted in names:
                return names.index(wanted)
            from review.errors import suggest

            close = suggest(wanted, names, most=1)
            hint = f"did you mean {close[0]!r}?" if close else ", ".join(names)
            warn(f"  no question is called {wanted!r}: {hint}")
            return at
        if key == ":a":
            self.show_study()
            return at
        if key == ":l":
            for name in names:
                warn(f"  {name}: {self.answers[name] or '(open)'}")
            return at
        if key in {":?", ":h", ":help"} or key.startswith(":"):
            warn(KEYS)
            return at
        return self.next_open(names, at)

    def one(self, names: list[str], at: int) -> str:
        """Ask one question and write the answer; return "" to go on, or a word with a colon."""
        from review.errors import DataError
        from review.workflow.coding.coded_answers import write_answers

        variable = self.review.codebook[names[at]]
        now = self.answers[variable.name]
        warn("\n" + self.question(variable, f"({at + 1}/{len(names)})"))
        if now:
            warn(f"  answered: {now}")
        while True:
            answer = ask("  answer", "").strip()
            if answer.startswith(":") and answer != ":c":
                return answer
            if not answer:
                if not now:
                    self.passed.add(variable.name)
                    if variable.required:
                        warn("  left open, though the codebook requires it (NR: not reported)")
                return ""
            text = "" if answer == ":c" else answer
            try:
                done = write_answers(
                    self.review, self.study_id, {variable.name: text}, by=self.coder
                )
            except DataError as error:
                for problem in error.problems:
                    warn(f"  {answer_hint(problem)}")
                continue
            for before, after in done.values():
                if after and after != answer:
                    warn(f"  {after}" if not before else f"  {before} -> {after}")
                self.answers[variable.name] = after
                self.changed.add(variable.name)
            if not text:
                self.changed.discard(variable.name)
                self.passed.add(variable.name)
            return ""

    def question(self, variable: Variable, count: str) -> str:
        """A question with what it takes."""
        from review.workflow.coding.coded_answers import numbered

        words = variable.vocabulary
        if numbered(variable) and len(words) <= _MOST_NUMBERED:
            takes = ", ".join(f"{n} {w}" for n, w in enumerate(words, 1))
            if variable.type == "list":
                takes = f"several, separated by ';': {takes}"
        else:
            takes = variable.allowed()
        name = "" if variable.name == variable.title else f" ({variable.name})"
        head = f"{count} {variable.title}{name}{' *' if variable.required else ''}"
        lines = [head, f"  {variable.help}" if variable.help else "", f"  [{takes}]"]
        return "\n".join(line for line in lines if line)

    def show_study(self) -> None:
        """Print the study and its reports, each with its abstract."""
        from review.workflow.coding.linked_studies import reports_of
        from review.workflow.coding.study_of_report import place_of

        study = self.review.study(self.study_id)
        where = "; ".join(t for t in (study.label, study.venue, study.link) if t)
        lines: list[tuple[str, str, list[tuple[int, int, str]]]] = [
            ("", "", []),
            (f"{self.count}{study.study_id}", "dim", []),
            (study.title or "(no title)", "bold", []),
            (where, "", []),
        ]
        for record in reports_of(self.review, self.study_id):
            facts = [place_of(record), *(record.get(c, "") for c in ("year", "journal", "doi"))]
            lines += [
                ("", "", []),
                (f"report {record['record_id']}: {'; '.join(f for f in facts if f)}", "dim", []),
            ]
            if record.get("title", "") != (study.title or ""):
                lines.append((record.get("title", ""), "bold", []))
            lines.append((record.get("abstract", "") or "(no abstract)", "", []))
        print_marked(lines)
