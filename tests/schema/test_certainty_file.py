"""`certainty.toml`: levels follow from judgements, and what contradicts them is refused."""

from __future__ import annotations

import pytest

from review.errors import DataError
from review.project.toml_files import read_settings
from review.schema.certainty_file import DOMAINS, LOWERING, CertaintyFile, OutcomeCertainty


def outcome(design="randomised", **judgements):
    every = dict.fromkeys(LOWERING, "none") | judgements
    made = {d: {"judgement": j, "why": "w", "confirmed": True} for d, j in every.items()}
    return OutcomeCertainty(name="x", design=design, **made)


@pytest.mark.parametrize(
    ("design", "judgements", "level"),
    [
        ("randomised", {}, "high"),
        ("observational", {}, "low"),
        ("accuracy", {"risk_of_bias": "serious"}, "moderate"),
        ("randomised", {"risk_of_bias": "serious", "inconsistency": "very serious"}, "very low"),
        ("randomised", {"imprecision": "extremely serious"}, "very low"),
        ("randomised", dict.fromkeys(LOWERING, "very serious"), "very low"),
        ("observational", {"large_effect": "very large"}, "high"),
        ("observational", {"large_effect": "large", "dose_response": "present"}, "high"),
        ("observational", {"imprecision": "serious", "large_effect": "large"}, "low"),
    ],
)
def test_levels_go_down_and_up(design, judgements, level):
    assert outcome(design, **judgements).computed == level


def test_nothing_counts_before_people_have_judged_everything():
    open_ = outcome()
    one = open_.model_copy(update={"imprecision": None})
    assert one.computed is None
    assert one.lacking == ("imprecision",)
    proposed = open_.imprecision.model_copy(update={"confirmed": False})
    assert open_.model_copy(update={"imprecision": proposed}).level is None
    assert outcome(design="").lacking == ("the design",)


def write(tmp_path, text):
    path = tmp_path / "certainty.toml"
    path.write_text('[[outcome]]\nname = "x"\ndesign = "randomised"\n' + text, encoding="utf-8")
    return read_settings(path, CertaintyFile)


JUDGED = "".join(
    f'[outcome.{d}]\njudgement = "none"\nwhy = "w"\nconfirmed = true\n' for d in LOWERING
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[outcome.imprecison]\njudgement = "none"\n', "did you mean 'imprecision'"),
        ('[outcome.imprecision]\njudgement = "sreious"\n', "did you mean 'serious'"),
        ('[outcome.inconsistency]\njudgement = "extremely serious"\n', "unknown judgement"),
        ('[outcome.imprecision]\njudgement = "serious"\nconfirmed = true\n', "has no reason"),
        ('[outcome.imprecision]\nconfirmed = true\nwhy = "w"\n', "without a judgement"),
        ('overall = "low"\n' + JUDGED, "contradicts the domains, which make 'high'"),
        ('overall = "low"\n', "before risk of bias"),
        ('start = "low"\n', "say why in start_why"),
        ("sd = 2.5\n", "sd needs a source"),
        ("[[outcome.baseline]]\nvalue = 0.1\n", "source"),
        ("mid = -1\n", "greater than 0"),
        ('[[outcome]]\nname = "X"\n', "two outcomes are called 'x'"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, text, said):
    with pytest.raises(DataError, match=said) as caught:
        write(tmp_path, text)
    assert "certainty.toml" in str(caught.value)


def test_people_may_say_otherwise_and_why(tmp_path):
    found = write(
        tmp_path, 'overall = "Very low"\noverall_why = "all data from one site"\n' + JUDGED
    )
    assert (found.outcome[0].level, found.outcome[0].computed) == ("very low", "high")
    started = 'start = "low"\nstart_why = "quasi-randomised"\n' + JUDGED
    assert write(tmp_path, started).outcome[0].computed == "low"


def test_robins_studies_may_start_high():
    made = {d: {"judgement": "none", "why": "w", "confirmed": True} for d in LOWERING}
    one = OutcomeCertainty(
        name="x", design="observational", start="high", start_why="judged with ROBINS-I", **made
    )
    assert one.computed == "high"


def test_every_domain_is_an_entry():
    assert set(DOMAINS) <= set(OutcomeCertainty.model_fields)
