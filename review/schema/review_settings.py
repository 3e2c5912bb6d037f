"""`review.toml`: what the review is about and which variable plays which role."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from review.schema.meta_settings import NamedMeta
from review.schema.prisma_flow import PrismaCounts
from review.schema.screening_settings import ScreeningSettings


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Search(_Strict):
    """One searched source."""

    database: str
    date: dt.date | None = None
    query: str = ""
    records: int | None = Field(default=None, ge=0)


class Protocol(_Strict):
    """Registration and eligibility.

    Attributes:
        link: where the protocol can be read: a DOI or a web address.
        amendments: what was done otherwise than registered, and why, one sentence each.
    """

    registration: str = ""
    link: str = ""
    eligibility: tuple[str, ...] = ()
    amendments: tuple[str, ...] = ()
    published_until: dt.date | None = None


class Discussion(_Strict):
    """What the review means, in the words of its authors (PRISMA 2020, items 23a to 23d).

    Attributes:
        interpretation: the results beside other evidence.
        limits_of_evidence: of the studies that were found.
        limits_of_process: of how the review was made.
        implications: for practice, policy and research.
    """

    interpretation: str = ""
    limits_of_evidence: str = ""
    limits_of_process: str = ""
    implications: str = ""


class Roles(_Strict):
    """Which codebook variable plays which role in the figures; empty when there is none.

    Attributes:
        metrics: performance variables, in the order of the panels.
        patients_for: categories for which the size counts patients (Kim et al. 2022,
            "Performance visualization").
        several: the word that stands for several values, such as several backbones.
        minor: backbones that a strict selection leaves out.
    """

    # the roles that are played by words of a vocabulary, not by variables
    WORDS: ClassVar = frozenset({"patients_for", "several", "minor"})

    size_patients: str = ""
    size_images: str = ""
    n_classes: str = ""
    category: str = ""
    backbone: str = ""
    tl_type: str = ""
    modality: str = ""
    subject: str = ""
    metrics: tuple[str, ...] = ()
    dataset: str = ""
    patients_for: tuple[str, ...] = ()
    several: str = "many"
    minor: tuple[str, ...] = ()


class ReviewSettings(_Strict):
    """The settings of a review.

    Attributes:
        sample: how figures call the coded studies, such as `re-coded sample`.
        cite: how to cite the review that the data reproduce.
        abstract: a structured abstract. background: why the review was made.
        funding: who paid, and what part they had. interests: competing interests of the authors.
        availability: where data, code and forms can be had.
        prisma: counts of the flow that no file of the folder holds, such as previous studies.
        screening: how the team screens.
        meta: the meta-analyses of the review, by name.
    """

    title: str = Field(min_length=1)
    question: str = ""
    authors: tuple[str, ...] = ()
    doi: str = ""
    cite: str = ""
    sample: str = "coded studies"
    license: str = ""
    language: Literal["en"] = "en"
    summary: str = ""
    abstract: str = ""
    background: str = ""
    funding: str = ""
    interests: str = ""
    availability: str = ""
    search: tuple[Search, ...] = ()
    protocol: Protocol = Protocol()
    discussion: Discussion = Discussion()
    roles: Roles = Roles()
    prisma: PrismaCounts = PrismaCounts()
    screening: ScreeningSettings = ScreeningSettings()
    meta: tuple[NamedMeta, ...] = Field(default=(), max_length=200)

    @field_validator("meta")
    @classmethod
    def _names_differ(cls, meta: tuple[NamedMeta, ...]) -> tuple[NamedMeta, ...]:
        names = [m.name.casefold() for m in meta]
        if twice := sorted({n for n in names if names.count(n) > 1}):
            raise ValueError(f"two analyses are called {twice[0]!r}")
        return meta
