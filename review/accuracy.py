"""Diagnostic test accuracy: bivariate models, summary ROC curves, comparisons of tests."""

from review.stats.accuracy.accuracy_comparison import AccuracyComparison, compare_tests
from review.stats.accuracy.accuracy_result import AccuracyResult
from review.stats.accuracy.accuracy_studies import AccuracyStudies, accuracy_descriptives
from review.stats.accuracy.deeks import DeeksTest, deeks_test
from review.stats.accuracy.diagnostic_meta import diagnostic_meta
from review.stats.accuracy.moses_littenberg import MosesLittenberg, moses_littenberg

__all__ = [
    "AccuracyComparison",
    "AccuracyResult",
    "AccuracyStudies",
    "DeeksTest",
    "MosesLittenberg",
    "accuracy_descriptives",
    "compare_tests",
    "deeks_test",
    "diagnostic_meta",
    "moses_littenberg",
]
