"""Meta-analysis of diagnostic test accuracy: bivariate models, summary ROC curves, comparisons."""
