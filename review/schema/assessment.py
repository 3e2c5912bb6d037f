"""Risk-of-bias assessments and the tools (domains and judgement words) they are made with."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from review.schema.cell_types import Identifier, Text

Kind = Literal["bias", "applicability"]
Level = Literal["low", "some", "high", "critical", "unclear"]
LEVELS: Final[tuple[Level, ...]] = ("low", "some", "high", "critical", "unclear")
OVERALL: Final = "overall"
KINDS: Final[tuple[Kind, ...]] = ("bias", "applicability")


class Assessment(BaseModel):
    """One row of `risk_of_bias.csv`: one judgement of one domain by one assessor.

    Attributes:
        tool: name of the tool, such as `QUADAS-2`.
        version: the tool's version; empty means the one that the package knows.
        unit: what was assessed within the study (an outcome, an estimate); empty for the study.
        domain: the domain's key, or `overall`.
        kind: `bias` or `applicability`; empty means bias.
        judgement: a word of the tool.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    study_id: Identifier
    tool: Text
    version: Text = None
    unit: Text = None
    domain: Text
    kind: Text = None
    judgement: Text
    rationale: Text = None
    assessor: Text = None


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ToolJudgement(_Strict):
    """A judgement word of a tool and the level that decides its colour and symbol."""

    word: str = Field(min_length=1)
    level: Level


class ToolDomain(_Strict):
    """A domain of a tool.

    Attributes:
        key: the word in the column `domain`.
        part: the part of the tool that the domain belongs to, when it has parts.
        kinds: what is judged in this domain.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    title: str = Field(min_length=1)
    part: str = ""
    kinds: tuple[Kind, ...] = ("bias",)

    @property
    def full_title(self) -> str:
        """The title with the part before it."""
        return f"{self.part}: {self.title}" if self.part else self.title


class Tool(_Strict):
    """A risk-of-bias tool: names of domains and words of judgement, no question texts.

    Attributes:
        name: as used in the column `tool`.
        subject: what kind of study it is for.
        unit: what one assessment is about.
        overall: for which kinds the tool has an overall judgement.
        bias_title: what the tool calls the judgements of kind `bias`.

    Example:
        >>> tool = Tool(name="Mine", judgement=[{"word": "low", "level": "low"}],
        ...             domain=[{"key": "selection", "title": "Selection"}])
        >>> [title for _, _, title in tool.columns()]
        ['Selection']
    """

    name: str = Field(min_length=1)
    version: str = ""
    subject: str = ""
    unit: str = "study"
    cite: str = ""
    doi: str = ""
    note: str = ""
    bias_title: str = "Risk of bias"
    overall: tuple[Kind, ...] = ()
    judgement: tuple[ToolJudgement, ...] = Field(min_length=1)
    domain: tuple[ToolDomain, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits_together(self) -> Tool:
        keys = [d.key for d in self.domain]
        words = [j.word.casefold() for j in self.judgement]
        for what, names in (("domain", keys), ("judgement", words)):
            twice = sorted({n for n in names if names.count(n) > 1})
            if twice:
                raise ValueError(f"{what} {twice[0]!r} is defined twice")
        if OVERALL in keys:
            raise ValueError("'overall' is no domain: write overall = [\"bias\"] at the top")
        if any(not d.kinds for d in self.domain):
            raise ValueError('a domain needs kinds, such as ["bias"]')
        return self

    @property
    def words(self) -> list[str]:
        """The judgement words."""
        return [j.word for j in self.judgement]

    def level(self, word: str) -> Level:
        """Return the level of a judgement word; letter case does not matter.

        Raises:
            KeyError: no such word.
        """
        return {j.word.casefold(): j.level for j in self.judgement}[word.casefold()]

    def kinds(self, domain: str) -> tuple[Kind, ...]:
        """Return what is judged in a domain, or overall.

        Raises:
            KeyError: no such domain.
        """
        if domain == OVERALL:
            return self.overall
        return {d.key: d.kinds for d in self.domain}[domain]

    def columns(self) -> list[tuple[str, Kind, str]]:
        """Return (domain, kind, title) of each column: bias, then applicability, overall last."""
        found: list[tuple[str, Kind, str]] = []
        for kind in KINDS:
            found += [(d.key, kind, d.full_title) for d in self.domain if kind in d.kinds]
            if kind in self.overall:
                found.append((OVERALL, kind, "Overall"))
        return found
