"""What people call the columns that reviews share, beside their names and labels."""

from __future__ import annotations

from typing import Final

# variable -> headings, compared without case, blanks, punctuation and units
SYNONYMS: Final[dict[str, tuple[str, ...]]] = {
    "study_id": ("study id", "id", "record id", "ref id", "reference id", "study key"),
    "first_author": ("author", "authors", "first author", "1st author", "lead author", "au"),
    "year": ("publication year", "year of publication", "pub year", "published year",
             "published", "yr", "py"),
    "title": ("article title", "study title", "document title", "ti"),
    "venue": ("journal", "journal name", "source title", "publication title", "source",
              "journal/book", "so"),
    "doi": ("digital object identifier", "doi link", "doi number"),
    "pmid": ("pubmed id", "pubmed", "pubmed pmid"),
    "source_url": ("url", "link", "web address", "website", "full text link"),
    "evidence": ("what was read", "read as"),
    "auc": ("auroc", "roc auc", "area under the curve", "area under the roc curve", "c statistic"),
    "accuracy": ("acc", "overall accuracy"),
    "sensitivity": ("sens", "se %", "recall", "tpr", "true positive rate"),
    "specificity": ("spec", "sp %", "tnr", "true negative rate"),
    "precision": ("ppv", "positive predictive value"),
    "npv": ("negative predictive value",),
    "f1": ("f1 score", "f score", "dice"),
    "tp": ("true positives", "true positive"),
    "fp": ("false positives", "false positive"),
    "fn": ("false negatives", "false negative"),
    "tn": ("true negatives", "true negative"),
    "n_patients": ("patients", "sample size", "participants", "subjects", "n participants"),
    "n_images": ("images", "n scans"),
    "country": ("country of origin", "location", "setting country"),
    "yi": ("effect", "effect size", "es", "estimate", "te"),
    "vi": ("variance", "var", "sampling variance", "effect variance"),
    "sei": ("se", "standard error", "std error", "stderr", "sete", "se(te)"),
    "ni": ("n", "total n", "sample size", "n total"),
    "labels": (
        "study", "study name", "study label", "studlab", "slab", "label", "trial", "trial name",
        "author_year", "author (year)", "author, year", "reference", "ref", "citation",
        "publication", "study id", "study_id", "author", "authors", "first author", "name",
    ),
}  # fmt: skip

# one heading that names author and year together
AUTHOR_YEAR: Final = (
    "author_year", "author (year)", "author/year", "author & year", "first author year",
    "first author and year", "study", "study name", "studlab", "slab", "reference", "citation",
    "publication", "study (year)", "source study", "article",
)  # fmt: skip

# what stands in brackets behind a heading and says how the number is written
UNITS: Final = frozenset(
    (
        "%", "percent", "percentage", "n", "no", "y", "yr", "yrs", "year", "years", "mo", "month",
        "months", "wk", "weeks", "d", "day", "days", "h", "hours", "min", "s", "sec", "mm", "cm",
        "m", "kg", "g", "mg", "µg", "ug", "ml", "l", "mmol/l", "mg/dl", "mmhg", "kg/m2", "kg/m²",
        "usd", "eur", "gb", "mb", "px", "pixels", "sd", "se", "mean", "median", "iqr", "range",
        "ci", "95%ci", "n/n", "n(%)", "mean(sd)", "mean±sd", "median(iqr)", "median(range)", "y/n",
        "yes/no", "patients", "images", "cases", "participants", "studies", "scans", "subjects",
    )
)  # fmt: skip
# units that are written in several ways
SAME_UNIT: Final = (
    ("%", "percent", "percentage", "per cent"),
    ("y", "yr", "yrs", "year", "years"),
    ("mo", "month", "months"),
    ("wk", "weeks", "week"),
    ("d", "day", "days"),
    ("h", "hours", "hour", "hr"),
    ("min", "minutes"),
    ("s", "sec", "seconds"),
    ("kg/m2", "kg/m²"),
    ("µg", "ug", "mcg"),
)
