"""`certainty.toml` is written with proposals, judged by people, checked, logged and taken back."""

from __future__ import annotations

import pytest

from review.errors import DataError, InputError
from review.project.folder_check import check_review
from review.schema.certainty_file import LOWERING
from review.workflow.certainty.certainty_writing import judge, write_proposals
from review.workflow.certainty.outcome_states import outcome_states
from review.workflow.whole_check import check_folder


def propose(bcg):
    review = bcg()
    return write_proposals(review, outcome_states(review), who="Lee")


def test_proposals_are_written_unconfirmed(bcg, folder):
    change, said = propose(bcg)
    assert change.command == "certainty"
    assert said == ["tb: new, with proposals"]
    (one,) = bcg().certainty
    assert one.unjudged == tuple(LOWERING)
    assert one.imprecision.judgement == "none"
    assert propose(bcg) == (None, [])
    assert (folder / "certainty.toml").read_text().startswith("# How sure")


def test_judgements_carry_who_and_when_and_make_the_level(bcg):
    propose(bcg)
    judge(bcg(), "tb", {"design": "randomised"}, who="Lee")
    confirm = [d for d in LOWERING if d != "indirectness"]
    judge(bcg(), "TB", {}, confirm=confirm, who="Lee")
    change, after = judge(bcg(), "tb", {"indirectness": "none"}, why="fits the question", who="Ann")
    assert after.level == "low"  # risk of bias and inconsistency, one step each
    assert after.indirectness.who == "Ann"
    assert after.indirectness.when == change.when.date()
    assert [c.command for c in bcg().log()] == ["certainty"] * 4


def test_a_change_can_be_taken_back(bcg, folder):
    from review.project.take_back import take_back

    propose(bcg)
    before = (folder / "certainty.toml").read_bytes()
    change, _ = judge(bcg(), "tb", {"imprecision": "serious"}, why="few events")
    take_back(bcg(), change.number)
    assert (folder / "certainty.toml").read_bytes() == before


def test_what_people_wrote_stays(bcg, folder):
    propose(bcg)
    path = folder / "certainty.toml"
    text = path.read_text().replace("[outcome.imprecision]", "# ask Ann\n[outcome.imprecision]")
    path.write_text(text)
    judge(bcg(), "tb", {"inconsistency": "none", "mid": "4"}, why="explained by latitude")
    after = path.read_text()
    assert "# ask Ann\n[outcome.imprecision]" in after
    judge(bcg(), "tb", {"baseline": "0.02 high burden"}, why="registry")
    propose(bcg)  # new numbers: proposals follow, judgements stay
    (one,) = bcg().certainty
    assert one.inconsistency.why == "explained by latitude"
    assert "-4 and 4 per 1,000" in one.imprecision.why
    assert (one.baseline[0].value, one.baseline[0].name) == (0.02, "high burden")
    assert "# ask Ann" in path.read_text()


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (("tbb", {"imprecision": "none"}), {"why": "w"}, "did you mean 'tb'"),
        (("tb", {"imprecison": "none"}), {"why": "w"}, "'imprecision'"),
        (("tb", {"imprecision": "grave"}), {"why": "w"}, "unknown judgement"),
        (("tb", {"imprecision": "serious"}), {}, "needs a reason: --why"),
        (("tb", {"overall": "high"}), {}, "overall_why"),
        (("tb", {"mid": "ten"}), {}, "no number such as"),
        (("tb", {"baseline": "0.1"}), {}, "at least 1 character"),
        (("tb", {}), {"confirm": ["indirectness"]}, "nothing is proposed"),
    ],
)
def test_nothing_is_written_where_something_is_wrong(bcg, folder, arguments, options, said):
    propose(bcg)
    before = (folder / "certainty.toml").read_bytes()
    with pytest.raises(InputError, match=said):
        judge(bcg(), *arguments, **options)
    assert (folder / "certainty.toml").read_bytes() == before


def test_a_broken_file_is_never_written_over(bcg, folder):
    (folder / "certainty.toml").write_text("[[outcome]]\nname = 3\n")
    with pytest.raises(DataError, match=r"certainty\.toml"):
        judge(bcg(), "tb", {"design": "randomised"})
    assert (folder / "certainty.toml").read_text() == "[[outcome]]\nname = 3\n"


def test_dry_runs_check_alone(bcg, folder):
    change, after = judge(bcg(), "tb", {"imprecision": "serious"}, why="w", dry_run=True)
    assert change is None
    assert after.imprecision.confirmed
    assert not (folder / "certainty.toml").exists()


def problems(bcg):
    return [p for p in check_review(bcg(), this_year=2026).problems if p.file == "certainty.toml"]


def test_check_names_what_is_wrong_and_what_is_open(bcg, folder):
    (folder / "certainty.toml").write_text('[[outcome]]\nname = "tbb"\n[[outcome]]\nname = "tb"\n')
    found = problems(bcg)
    assert (found[0].level, found[0].suggestion) == ("error", "tb")
    assert any("not judged yet: the design" in p.message for p in found if p.level == "warning")
    (folder / "certainty.toml").write_text('[[outcome]]\nname = "tb"\n[outcome.imprecison]\n')
    (wrong,) = problems(bcg)
    assert (wrong.level, wrong.suggestion) == ("error", "imprecision")
    judged = "".join(f'[outcome.{d}]\njudgement = "none"\nwhy = "w"\nconfirmed = true\n'
                     for d in (*LOWERING, "large_effect"))  # fmt: skip
    raised = judged.replace(
        'large_effect]\njudgement = "none"', 'large_effect]\njudgement = "large"'
    )
    text = '[[outcome]]\nname = "tb"\ndesign = "randomised"\n'
    (folder / "certainty.toml").write_text(text + judged)
    assert problems(bcg) == []
    (folder / "certainty.toml").write_text(text + raised)
    assert "starts high already" in problems(bcg)[0].message


def test_check_holds_baseline_risks_to_what_risks_are(bcg, folder):
    text = '[[outcome]]\nname = "tb"\n[[outcome.baseline]]\nvalue = 20\nsource = "s"\n'
    (folder / "certainty.toml").write_text(text)
    wrong = [p for p in check_folder(bcg(), this_year=2026).problems if p.level == "error"]
    assert [(p.column, p.value) for p in wrong] == [("outcome[tb].baseline", "20")]


def test_certainty_is_about_kept_analyses(bcg, folder):
    (folder / "review.toml").write_text('title = "No analysis"\n')
    with pytest.raises(InputError, match=r"\[\[meta\]\]"):
        outcome_states(bcg())
