"""`certainty.toml`: how sure the evidence of each outcome is (GRADE), as judged by people.

Levels and domains: Guyatt et al. 2011, J Clin Epidemiol 64:401; upgrading the same way 64:1311;
"extremely serious" imprecision Schünemann et al. 2022, J Clin Epidemiol 150:225; studies that start
high with ROBINS-I Schünemann et al. 2019, J Clin Epidemiol 111:105; prognosis and prevalence Iorio
et al. 2015, BMJ 350:h870.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from review.errors import unknown_message

LEVELS: Final = ("very low", "low", "moderate", "high")
# level -> plain circles and filled ones, as GRADE draws them
SIGNS: Final = {level: "⊕" * (i + 1) + "⊝" * (3 - i) for i, level in enumerate(LEVELS)}
NONE: Final = "none"
STEPS_DOWN: Final = {NONE: 0, "serious": 1, "very serious": 2}
LOWERING: Final[dict[str, dict[str, int]]] = {
    "risk_of_bias": STEPS_DOWN,
    "inconsistency": STEPS_DOWN,
    "indirectness": STEPS_DOWN,
    "imprecision": {**STEPS_DOWN, "extremely serious": 3},
    "publication_bias": STEPS_DOWN,
}
RAISING: Final[dict[str, dict[str, int]]] = {
    "large_effect": {NONE: 0, "large": 1, "very large": 2},
    "dose_response": {NONE: 0, "present": 1},
    "opposing_confounding": {NONE: 0, "present": 1},
}
DOMAINS: Final = {**LOWERING, **RAISING}
# design -> level that its evidence starts at
DESIGNS: Final = {
    "randomised": "high", "observational": "low", "accuracy": "high", "prognosis": "high",
    "prevalence": "high",
}  # fmt: skip
STARTS: Final = ("high", "low")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _word(value: Any, known: Any, kind: str) -> Any:
    if not isinstance(value, str):
        return value
    word = " ".join(value.replace("_", " ").split()).casefold()
    if word and word not in known:
        raise ValueError(unknown_message(kind, value, list(known)))
    return word


class DomainJudgement(_Strict):
    """The judgement of one domain, or what the program proposes.

    Attributes:
        judgement: a word of the domain, see `DOMAINS`.
        why: the reason.
        confirmed: whether a person has judged; otherwise it is a proposal, and counts for nothing.
        who: has judged. when: the day.
    """

    judgement: str = ""
    why: str = ""
    confirmed: bool = False
    who: str = ""
    when: dt.date | None = None

    @model_validator(mode="after")
    def _has_reason(self) -> Self:
        if self.confirmed and not self.judgement:
            raise ValueError("confirmed = true without a judgement")
        if self.confirmed and not self.why.strip():
            raise ValueError(f"the judgement {self.judgement!r} has no reason: say why")
        return self


class Baseline(_Strict):
    """What happens without the intervention.

    Attributes:
        value: a risk between 0 and 1, a rate per unit of time, or a mean; of accuracy and
            prevalence reviews the prevalence.
        name: of the people it is about, such as `low risk`.
        source: where it comes from.
    """

    value: float
    name: str = ""
    source: str = Field(min_length=1)


class OutcomeCertainty(_Strict):
    """The certainty of one outcome.

    Attributes:
        name: of its `[[meta]]` table.
        outcome: how a sentence calls it, such as `tuberculosis`; the title without it.
        intervention, comparison: as a sentence calls them.
        design: of the studies: `randomised`, `observational`, `accuracy`, `prognosis`,
            `prevalence`.
        start: `high` or `low` where it is not what the design says. start_why: then the reason.
        mid: smallest difference that matters: events per 1,000 people (per 1,000 units of time of
            rates), or units of the outcome (of standardised differences units of `sd`, and
            standard deviations without it).
        mid_source: where it comes from.
        baseline: risks without the intervention; the median of the control groups without any.
        time: that risks and hazard ratios are about, such as `5 years`.
        unit: of means. sd: standard deviation that standardised differences are told in, with
            its source.
        people: stand in tables, 1,000 or 100.
        overall: level that people state. overall_why: where it is not what the domains make.

    Example:
        >>> one = OutcomeCertainty(name="death", design="randomised", imprecision={
        ...     "judgement": "serious", "why": "the interval includes harm", "confirmed": True})
        >>> one.starting, one.unjudged[0], one.computed is None
        ('high', 'risk_of_bias', True)
    """

    name: str = Field(min_length=1)
    outcome: str = ""
    intervention: str = ""
    comparison: str = ""
    design: str = ""
    start: str = ""
    start_why: str = ""
    mid: float | None = Field(default=None, gt=0)
    mid_source: str = ""
    baseline: tuple[Baseline, ...] = Field(default=(), max_length=20)
    time: str = ""
    unit: str = ""
    sd: float | None = Field(default=None, gt=0)
    sd_source: str = ""
    people: Literal[100, 1000] = 1000
    overall: str = ""
    overall_why: str = ""
    risk_of_bias: DomainJudgement | None = None
    inconsistency: DomainJudgement | None = None
    indirectness: DomainJudgement | None = None
    imprecision: DomainJudgement | None = None
    publication_bias: DomainJudgement | None = None
    large_effect: DomainJudgement | None = None
    dose_response: DomainJudgement | None = None
    opposing_confounding: DomainJudgement | None = None

    @field_validator("design", "start", "overall", mode="before")
    @classmethod
    def _known_word(cls, value: Any, info: ValidationInfo) -> Any:
        known = {"design": DESIGNS, "start": STARTS, "overall": LEVELS}[str(info.field_name)]
        return _word(value, known, str(info.field_name))

    @field_validator(*DOMAINS, mode="before")
    @classmethod
    def _known_judgement(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, dict) or "judgement" not in value:
            return value
        known = DOMAINS[str(info.field_name)]
        return value | {"judgement": _word(value["judgement"], known, "judgement")}

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.start and self.start != DESIGNS.get(self.design) and not self.start_why.strip():
            said = f"studies of design {self.design!r}" if self.design else "a design not stated"
            raise ValueError(f"start = {self.start!r} with {said}: say why in start_why")
        if self.overall and self.overall != self.computed and not self.overall_why.strip():
            if self.computed is None:
                left = ", ".join(self.lacking)
                raise ValueError(
                    f"overall = {self.overall!r} before {left}: say why in overall_why"
                )
            raise ValueError(
                f"overall = {self.overall!r} contradicts the domains, which make "
                f"{self.computed!r}: say why in overall_why, or leave it out"
            )
        if self.sd is not None and not self.sd_source.strip():
            raise ValueError("sd needs a source: sd_source")
        return self

    def judged(self, domain: str) -> DomainJudgement | None:
        """Return the judgement of a domain that a person has confirmed, or None."""
        found: DomainJudgement | None = getattr(self, domain)
        return found if found is not None and found.confirmed else None

    @property
    def starting(self) -> str:
        """The level that the evidence starts at, or "" where neither design nor start is stated."""
        return self.start or DESIGNS.get(self.design, "")

    @property
    def unjudged(self) -> tuple[str, ...]:
        """The domains of lowering that nobody has judged yet."""
        return tuple(domain for domain in LOWERING if self.judged(domain) is None)

    @property
    def lacking(self) -> tuple[str, ...]:
        """What an overall level still needs, in words."""
        found = [domain.replace("_", " ") for domain in self.unjudged]
        return (*(() if self.starting else ("the design",)), *found)

    @property
    def computed(self) -> str | None:
        """The level that the judgements make, or None as long as something is not judged."""
        if self.lacking:
            return None
        level = LEVELS.index(self.starting)
        for domain, steps in DOMAINS.items():
            if (found := self.judged(domain)) is not None:
                level += steps[found.judgement] * (1 if domain in RAISING else -1)
        return LEVELS[min(max(level, 0), len(LEVELS) - 1)]

    @property
    def level(self) -> str | None:
        """The level that is reported: the stated one, else the computed one, else None."""
        return self.overall or self.computed


class CertaintyFile(_Strict):
    """All of `certainty.toml`."""

    outcome: tuple[OutcomeCertainty, ...] = Field(default=(), max_length=200)

    @field_validator("outcome")
    @classmethod
    def _names_differ(cls, outcome: tuple[OutcomeCertainty, ...]) -> tuple[OutcomeCertainty, ...]:
        names = [o.name.casefold() for o in outcome]
        if twice := sorted({n for n in names if names.count(n) > 1}):
            raise ValueError(f"two outcomes are called {twice[0]!r}")
        return outcome
