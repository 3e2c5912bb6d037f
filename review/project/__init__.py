"""The review folder on disk: find, load, validate, lock, write."""

from __future__ import annotations

from review.project.find import bundled_reviews, find_review
from review.project.problems import Problem
from review.project.review import Review, open_review

__all__ = ["Problem", "Review", "bundled_reviews", "find_review", "open_review"]
