"""The settings of one meta-analysis: what `review meta` takes as options and `[[meta]]` as keys.

Both make the same object, so that whatever can be said on the command line can be kept in
`review.toml`, under the same name with `_` for `-`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from review.errors import InputError, unknown_message

if TYPE_CHECKING:
    from collections.abc import Mapping

MODELS: Final = ("uni", "mv", "dta", "bayes", "nma", "glmm", "betabin", "mh", "peto")
ROWS: Final = ("results", "studies")
# keys that only one kind of model has a use for
OF_ACCURACY: Final = ("prevalence", "structure", "nodes", "percent")
OF_BAYES: Final = ("tau_prior", "mu_prior", "compare_priors", "interval")
OF_NETWORK: Final = ("smaller_is_better",)
OF_EFFECTS: Final = (
    "outcome", "measure", "test", "weights", "drop00", "scale", "also", "order", "show",
    "risk_of_bias", "medians", "skewed", "prefer", "tau2", "cluster", "rho", "favours",
    "without_converted", "without_approximate",
)  # fmt: skip

OF_ESTIMATES: Final = (
    "method", "test", "weights", "by", "mods", "tau2", "also", "order", "show", "risk_of_bias",
    "favours",
)  # fmt: skip
# a network is made of single results too, which need these
NOT_OF_NETWORK: Final = (
    *(n for n in OF_EFFECTS if n not in {"outcome", "measure", "drop00", "rho"}),
    "mods", "to", "sort",
)  # fmt: skip
# what models of counts have a use for, beside what names the rows, their order and the figure
COUNT_MODELS: Final = {
    "glmm": ("variant", "mods", "method", "test", "nodes", "add", "to", "drop00"),
    "betabin": ("mods", "test", "add", "to"),
    "mh": ("add", "to", "drop00"),
    "peto": ("add", "to", "drop00"),
}
OF_POOLING: Final = (
    "method", "test", "mods", "by", "tau2", "cluster", "rho", "weights", "add", "to", "drop00",
    "scale", "prefer", "medians", "skewed", "without_converted", "without_approximate", "also",
    "order",
)  # fmt: skip


def _of_counts(model: str) -> tuple[tuple[str, ...], str, tuple[str, ...], str]:
    """The entry of `KINDS` for a model of counts."""
    takes = COUNT_MODELS[model]
    own = ("variant", "nodes") if model == "glmm" else ()
    unsuited = tuple(name for name in OF_POOLING if name not in takes)
    return own, "mixed models of counts", unsuited, "other models"


# model -> its own keys, what they are about, the keys it has no use for, what those are about
KINDS: Final = {
    "dta": (OF_ACCURACY, "accuracy models", OF_EFFECTS, "models of one effect per study"),
    "bayes": (OF_BAYES, "Bayesian models", OF_ESTIMATES, "models without priors"),
    "nma": (OF_NETWORK, "networks of treatments", NOT_OF_NETWORK, "other models"),
    **{model: _of_counts(model) for model in COUNT_MODELS},
}


def _listed(value: Any) -> Any:
    """Take one word, or words joined by commas, for a list of them."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
        return [part.strip() for text in value for part in text.split(",") if part.strip()]
    return value


def _shares(value: Any) -> Any:
    """Take 0.05 and "5%" for a prevalence."""
    found = []
    for part in _listed(str(value) if isinstance(value, int | float) else value) or ():
        text = str(part).strip()
        try:
            number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            raise ValueError(f"{text!r} is no number such as 0.05 or 5%") from None
        found.append(number)
    return found


def _priors(value: Any) -> Any:
    """Take one prior, or priors divided by semicolons, for a list; commas are part of a prior."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
        return [part.strip() for text in value for part in text.split(";") if part.strip()]
    return value


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class MetaSettings(BaseModel):
    """What is pooled, and how; None where nothing is said.

    Attributes:
        rows: where the numbers stand: `results` (results.csv; or, without that file, the
            performance values of studies.csv) or `studies` (the columns of studies.csv).
        outcome: metric of the results.
        role: of the results: `headline`, `comparison` or `all`.
        where: filter of the studies.
        measure: code of the effect size (OR, RR, SMD, LOGITAUC, ...).
        columns: argument of the measure -> variable that holds it (ai = "events").
        model: `uni`, `mv`, `dta`, `bayes` or `nma`; or of counts: `glmm`, `betabin`, `mh`, `peto`.
        method, test, level: of the model. tau2: of subgroups, `separate` or `pooled`.
        by: variable that forms subgroups; of `dta` the tests to compare; of `nma` the treatments.
        mods: formula of moderators.
        cluster, rho: of `mv`; rho also of `nma` (results of a review).
        weights: variable with weights.
        add, to, drop00, scale, prefer, medians, skewed: of the effect sizes.
        without_converted, without_approximate: leave out rows that rest on a conversion.
        also: further analyses. order: variable by which the cumulative one adds studies.
        sort: variable (or `label`) that orders the rows; with - before it in descending order.
        show, risk_of_bias: variables beside the studies in the forest plot.
        favours: what stands left and right of no effect.
        prevalence, structure, nodes, percent: of `dta`. reference: of `dta` and `nma`.
        prevalence, structure, nodes, percent, reference: of `dta` (nodes: of `glmm` too).
        variant: of `glmm`: UM.FS, UM.RS, CM.EL or CM.AL.
        tau_prior, mu_prior, compare_priors, interval: of `bayes`.
        smaller_is_better: of `nma`.

    Example:
        >>> MetaSettings(outcome="auc", method="DL", drop00=False).given()
        {'outcome': 'auc', 'method': 'DL'}
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: Literal["results", "studies"] | None = None
    outcome: str | None = None
    role: str | None = None
    where: str | None = None
    measure: str | None = None
    columns: dict[str, str] | None = None
    model: Literal["uni", "mv", "dta", "bayes", "nma", "glmm", "betabin", "mh", "peto"] | None = (
        None
    )
    method: str | None = None
    test: str | None = None
    level: float | None = None
    tau2: str | None = None
    by: str | None = None
    mods: str | None = None
    cluster: str | None = None
    rho: float | None = None
    weights: str | None = None
    add: float | None = None
    to: str | None = None
    drop00: bool | None = None
    scale: str | None = None
    prefer: str | None = None
    medians: str | None = None
    skewed: str | None = None
    without_converted: bool | None = None
    without_approximate: bool | None = None
    also: Words | None = None
    order: str | None = None
    sort: str | None = None
    show: Words | None = None
    risk_of_bias: Words | None = None
    favours: Words | None = None
    prevalence: Annotated[tuple[float, ...], BeforeValidator(_shares)] | None = None
    structure: str | None = None
    nodes: int | None = None
    percent: bool | None = None
    reference: str | None = None
    tau_prior: str | None = None
    mu_prior: str | None = None
    compare_priors: Annotated[tuple[str, ...], BeforeValidator(_priors)] | None = None
    interval: str | None = None
    smaller_is_better: bool | None = None
    variant: str | None = None

    @field_validator("model", "rows", mode="before")
    @classmethod
    def _known_word(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, str):
            return value
        kind, word = str(info.field_name), value.strip().casefold()
        known = MODELS if kind == "model" else ROWS
        if word not in known:
            raise ValueError(unknown_message(kind, value, known))
        return word

    @field_validator("favours")
    @classmethod
    def _two_sides(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and len(value) != 2:
            raise ValueError("favours names two sides: left and right of no effect")
        return value

    @property
    def is_accuracy(self) -> bool:
        """Whether sensitivity and specificity are pooled together."""
        return self.model == "dta"

    @property
    def is_bayes(self) -> bool:
        """Whether the model has prior distributions."""
        return self.model == "bayes"

    @property
    def is_network(self) -> bool:
        """Whether several treatments are compared in one network."""
        return self.model == "nma"

    @property
    def of_effects(self) -> bool:
        """Whether effects of single studies are pooled."""
        return not (self.is_accuracy or self.is_network)

    @property
    def measure_code(self) -> str | None:
        """The measure; that of Peto's method needs no name."""
        return self.measure or ("PETO" if self.model == "peto" else None)

    @property
    def of_studies(self) -> bool:
        """Whether the numbers are columns of studies.csv."""
        return self.rows == "studies" or (self.rows is None and bool(self.columns))

    def given(self) -> dict[str, Any]:
        """Return what is said, by name."""
        said = {name: getattr(self, name) for name in MetaSettings.model_fields}
        return {
            name: value
            for name, value in said.items()
            if value is not None and value is not False and value not in ((), {})
        }

    @property
    def says_what(self) -> bool:
        """Whether it is said what is pooled."""
        return bool(self.outcome or self.columns or self.rows or self.is_accuracy)

    def out_of_place(self) -> dict[str, tuple[str, ...]]:
        """Return the keys that are given and that the model has no use for, by kind of model.

        Those of the model itself are about other models, those of others about these.
        """
        given = self.given()
        mine = KINDS[self.model][0] if self.model in KINDS else ()
        found = {
            kind: tuple(
                n for n in given
                if (n in unsuited if kind == self.model else n in own and n not in mine)
            )
            for kind, (own, _, unsuited, _) in KINDS.items()
        }  # fmt: skip
        if self.model in KINDS:  # what it has no use for anyway is said once
            first = found[self.model]
            found = {k: n if k == self.model else tuple(x for x in n if x not in first)
                     for k, n in found.items()}  # fmt: skip
        return {kind: names for kind, names in found.items() if names}


class NamedMeta(MetaSettings):
    """A `[[meta]]` table of `review.toml`: settings with a name.

    Attributes:
        name: what it is called with `--name`, and the folder of its files.
        title: above its figures and its section of the report.
        notes: remarks that are shown with the result.

    Example:
        >>> NamedMeta(name="auc", outcome="auc").title_text
        'auc'
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$")
    title: str = ""
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if not self.says_what:
            raise ValueError(
                "say what is pooled: outcome = a metric of the results, columns = the variables "
                "of studies.csv, or model = 'dta'"
            )
        if self.of_studies and (self.outcome or self.role):
            raise ValueError("outcome and role are about results; with rows = 'studies' name "
                             "columns")  # fmt: skip
        if self.rows == "results" and self.columns:
            raise ValueError("columns are those of studies.csv (rows = 'studies')")
        if self.reference and not (self.is_accuracy or self.is_network):
            raise ValueError("reference: about model = 'dta' or 'nma' alone")
        if self.is_network and self.of_studies:
            raise ValueError("a network is made of results: name their outcome")
        for kind, out in self.out_of_place().items():
            about = f"not about model = '{kind}'" if kind == self.model else (
                f"about model = '{kind}' alone"
            )  # fmt: skip
            raise ValueError(f"{', '.join(out)}: {about}")
        return self

    @property
    def title_text(self) -> str:
        """The title, or the name."""
        return self.title or self.name

    def with_options(self, options: MetaSettings) -> NamedMeta:
        """Return the analysis with options of the command line in place of what is kept.

        Raises:
            InputError: they do not fit the analysis.

        Example:
            >>> kept = NamedMeta(name="auc", outcome="auc", method="DL", level=90)
            >>> kept.with_options(MetaSettings(method="PM")).given()
            {'outcome': 'auc', 'method': 'PM', 'level': 90.0}
        """
        own = {"name": self.name, "title": self.title, "notes": self.notes}
        try:
            return NamedMeta(**own, **(self.given() | options.given()))
        except ValidationError as error:
            raise InputError(f"[[meta]] {self.name}: {first_message(error)}") from None


def settings_from(options: Mapping[str, Any]) -> MetaSettings:
    """Return options of the command line as settings.

    Raises:
        InputError: one is wrong; it is named as the option.

    Example:
        >>> settings_from({"level": 90, "by": None}).given()
        {'level': 90.0}
    """
    try:
        return MetaSettings(**options)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0]).replace("_", "-")
        raise InputError(f"--{name}: {first_message(error)}") from None


def first_message(error: ValidationError) -> str:
    """Return what is wrong, in words."""
    return str(error.errors()[0]["msg"]).removeprefix("Value error, ")
