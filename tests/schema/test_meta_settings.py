"""The keys of [[meta]] tables: documented, and the same as those of the settings."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from review.schema import ReviewSettings
from review.schema.meta_settings import MetaSettings, NamedMeta

PAGE = Path(__file__).parents[2] / "docs" / "meta-tables.md"


def test_every_key_is_documented_and_every_documented_key_exists():
    rows = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")
    ]
    documented = [key for row in rows for key in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert sorted(documented) == sorted(NamedMeta.model_fields)


def test_the_example_of_the_page_is_right():
    text = re.search(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL).group(1)
    settings = ReviewSettings.model_validate({"title": "Mine"} | tomllib.loads(text))
    assert [m.name for m in settings.meta] == ["events", "survival", "pain", "accuracy"]


def test_zero_is_said_and_false_is_not():
    said = MetaSettings(rho=0, add=0, drop00=False, also=[], columns={})
    assert said.given() == {"rho": 0, "add": 0}


def test_words_and_shares_are_lists_in_any_form():
    said = NamedMeta(name="a", model="DTA", prevalence=["5%", 0.2], sort="year")
    assert (said.prevalence, said.model) == ((0.05, 0.2), "dta")
    assert NamedMeta(name="a", outcome="auc", also="egger, begg").also == ("egger", "begg")


@pytest.mark.parametrize("name", ["", "-a", ".a", "a/b", "a b", "a" * 61, "ä"])
def test_a_name_is_one_of_a_folder(name):
    with pytest.raises(ValidationError):
        NamedMeta(name=name, outcome="auc")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"model": "bayes", "method": "DL"}, "method: not about model = 'bayes'"),
        ({"model": "bayes", "nodes": 3}, "nodes: about model = 'dta' alone"),
        ({"tau_prior": "half-normal:1"}, "tau_prior: about model = 'bayes' alone"),
        ({"model": "dta", "mu_prior": "flat"}, "mu_prior: about model = 'bayes' alone"),
        ({"model": "dta", "test": "z"}, "test: not about model = 'dta'"),
    ],
)
def test_keys_of_other_models_are_refused(keys, said):
    with pytest.raises(ValidationError, match=re.escape(said)):
        NamedMeta(**{"name": "a", "rows": "studies"} | keys)


def test_priors_to_compare_are_divided_by_semicolons():
    found = NamedMeta(name="a", outcome="auc", model="bayes", compare_priors="half-t:0.5,4; sqrt")
    assert found.compare_priors == ("half-t:0.5,4", "sqrt")
