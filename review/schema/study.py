"""A coded study: who, where it was published, what was read, and the codebook's variables."""

from __future__ import annotations

from functools import lru_cache
from string import ascii_lowercase
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, create_model

from review.schema import row_rules
from review.schema.cell_types import Count, Doi, Identifier, Text, Url, Year
from review.schema.row_rules import Rule

if TYPE_CHECKING:
    from review.schema.codebook import Codebook, Variable

_LETTER: Final = "letter"
_TITLE: Final = 32  # letters of a title that stands for an author


class Study(BaseModel):
    """The identity columns that every review has; `study_model` adds the codebook's variables.

    Attributes:
        study_id: unique within the review.
        source_url: where the study can be read, when there is no DOI or besides it.
        evidence: what was read (`abstract`, `full text`).
        coders: how many people coded the study.
        RULES: what `review check` asks of a row.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    RULES: ClassVar[tuple[Rule, ...]] = row_rules.STUDY

    study_id: Identifier
    first_author: Text = None
    year: Year = None
    title: Text = None
    venue: Text = None
    doi: Doi = None
    pmid: Text = None
    source_url: Url = None
    evidence: Text = None
    coders: Count = None

    @property
    def link(self) -> str | None:
        """The address of the source: the DOI's when there is one."""
        return f"https://doi.org/{self.doi}" if self.doi else self.source_url

    @property
    def label(self) -> str:
        """A short name for figures and tables: author and year, such as `Kim 2020`.

        Studies of a review that share both are `Kim 2020a` and `Kim 2020b`; without an author the
        beginning of the title stands in its place, and the study_id where there is neither.
        """
        letter = (self.__pydantic_private__ or {}).get(_LETTER, "")
        name = self.first_author
        if not name:
            if not self.title:
                return self.study_id
            name = shorten(self.title, _TITLE, placeholder="…") or self.title[:_TITLE]
        if self.year:
            return f"{name} {self.year}{letter}"
        return f"{name} ({letter})" if letter else name

    def value(self, name: str) -> Any:
        """Return the value of a column, identity or coded; None when missing."""
        return getattr(self, name)


def with_letters(studies: list[Study]) -> list[Study]:
    """Give studies that share author and year the letters a, b, ... in the order of their ids.

    Example:
        >>> both = [Study(study_id=i, first_author="김", year=2020) for i in ("k2", "k1")]
        >>> [study.label for study in with_letters(both)]
        ['김 2020b', '김 2020a']
    """
    same: dict[str, list[Study]] = {}
    for study in studies:
        same.setdefault(study.label, []).append(study)
    for group in same.values():
        if len(group) > 1:
            ordered = sorted(group, key=lambda study: study.study_id)
            for i, study in enumerate(ordered):
                # no field of the model: nothing that is read, written or compared by its columns
                object.__setattr__(study, "__pydantic_private__", {_LETTER: _letters(i)})
    return studies


def _letters(i: int) -> str:
    """Return a, b, ... z, aa, ab, ..."""
    more, last = divmod(i, len(ascii_lowercase))
    return (_letters(more - 1) if more else "") + ascii_lowercase[last]


class ExcludedStudy(Study):
    """A study that was coded and then excluded, with the reason."""

    RULES: ClassVar[tuple[Rule, ...]] = row_rules.EXCLUDED

    reason: Text = None


IDENTITY_COLUMNS: Final = tuple(Study.model_fields)


def cell_field(variable: Variable) -> tuple[Any, Any]:
    """Return the pydantic field (annotation, default) of a codebook variable."""
    return Annotated[Any, BeforeValidator(variable.parse)], None


@lru_cache(maxsize=32)
def _study_model(variables: tuple[Variable, ...]) -> type[Study]:
    fields: dict[str, Any] = {v.name: cell_field(v) for v in variables}
    return create_model("CodedStudy", __base__=Study, **fields)


def study_model(codebook: Codebook) -> type[Study]:
    """Return the pydantic model of a study coded with `codebook`.

    Raises:
        ValueError: a variable has the name of an identity column.

    Example:
        >>> from review.schema import Codebook, Variable
        >>> book = Codebook(variable=[Variable(name="auc", type="number", maximum=1)])
        >>> study_model(book)(study_id="lee2019", auc="0.90").auc
        Decimal('0.90')
    """
    taken = [v.name for v in codebook.variable if v.name in {*IDENTITY_COLUMNS, "link", "label"}]
    if taken:
        raise ValueError(f"variable {taken[0]!r} has the name of an identity column")
    return _study_model(codebook.variable)
