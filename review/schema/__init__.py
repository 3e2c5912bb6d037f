"""Pydantic models of everything a review folder holds."""

from __future__ import annotations

from review.schema.codebook import Codebook, Variable, VariableType, variables_of
from review.schema.coding import Adjudication, Coding, coding_model
from review.schema.dataset import Dataset
from review.schema.published_facts import PublishedFacts
from review.schema.reported_result import ReportedResult
from review.schema.review_settings import ReviewSettings
from review.schema.study import IDENTITY_COLUMNS, ExcludedStudy, Study, study_model

__all__ = [
    "IDENTITY_COLUMNS",
    "Adjudication",
    "Codebook",
    "Coding",
    "Dataset",
    "ExcludedStudy",
    "PublishedFacts",
    "ReportedResult",
    "ReviewSettings",
    "Study",
    "Variable",
    "VariableType",
    "coding_model",
    "study_model",
    "variables_of",
]
