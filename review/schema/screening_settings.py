"""`[screening]` of `review.toml`: how the team screens its records."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

# what a key does -> the key; the letters are those of the words that are shown beside them
KEYS: Final = {
    "include": "i", "exclude": "e", "maybe": "m", "skip": "s", "note": "n", "duplicate": "d",
    "undo": "u", "highlight": "h", "help": "?", "quit": "q",
}  # fmt: skip
MEANING: Final = {
    "include": "include", "exclude": "exclude", "maybe": "maybe", "skip": "later",
    "note": "note", "duplicate": "repeats another", "undo": "undo", "highlight": "marks on/off",
    "help": "keys", "quit": "stop",
}  # fmt: skip
Text = Annotated[str, Field(min_length=1, max_length=200)]


class ScreeningSettings(BaseModel):
    """How the team screens.

    Attributes:
        reviewers: how many decide on each record, blind to each other; a record counts when so
            many have. None: everybody may decide on every record, and one decision counts.
        team: names of those who screen; others are refused. Empty: any name.
        reasons: for exclusion, the same for all and at both stages. Empty: any text.
        keywords: marked where they stand in title or abstract.
        keywords_against: likewise, in another colour: words that speak for exclusion.
        keys: action -> key, of those that are not `KEYS`.

    Example:
        >>> ScreeningSettings(keys={"exclude": "x"}).key_of["exclude"]
        'x'
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    reviewers: int | None = Field(default=None, ge=1, le=9)
    team: tuple[Text, ...] = ()
    reasons: tuple[Text, ...] = Field(default=(), max_length=99)
    keywords: tuple[Text, ...] = Field(default=(), max_length=1000)
    keywords_against: tuple[Text, ...] = Field(default=(), max_length=1000)
    keys: dict[str, str] = Field(default_factory=dict)

    @property
    def key_of(self) -> dict[str, str]:
        """The key of each action."""
        return {**KEYS, **self.keys}

    @field_validator("team", "reasons")
    @classmethod
    def _each_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        folded = [" ".join(n.split()).casefold() for n in names]
        if twice := [n for n, f in zip(names, folded, strict=True) if folded.count(f) > 1]:
            raise ValueError(f"{twice[0]!r} stands there twice")
        if "" in folded:
            raise ValueError("one of the names is blank")
        return names

    @model_validator(mode="after")
    def _keys_differ(self) -> ScreeningSettings:
        if unknown := [a for a in self.keys if a not in KEYS]:
            raise ValueError(f"keys: {unknown[0]!r} is no action: {', '.join(KEYS)}")
        for action, key in self.keys.items():
            if len(key) != 1 or not key.isprintable() or key.isspace() or key.isdigit():
                raise ValueError(
                    f"keys: {action} = {key!r}: one letter or sign is needed (digits name reasons)"
                )
        used = [key.casefold() for key in self.key_of.values()]
        if twice := [a for a, k in self.key_of.items() if used.count(k.casefold()) > 1]:
            raise ValueError(f"keys: {' and '.join(twice)} have the same key")
        return self
