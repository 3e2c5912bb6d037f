"""What the columns of a table mean that `review audit --csv` reads."""

from __future__ import annotations

from typing import Final

from review.workflow.audit.facts import METRICS

# what the columns of `review audit --csv FILE` mean; other spellings are in `facts.NUMBERS`
COLUMNS: Final[tuple[tuple[str, str], ...]] = (
    ("id, label, model, dataset, note", "names of the row, shown with its claims"),
    ("statistic, value", "t, F, chi2, z, r or rho, and its value"),
    ("z, t", "the same, each in a column of its own"),
    ("df1, df2", "degrees of freedom (df1 alone for t and chi2)"),
    ("n", "number of points of r and rho; the total of k, percent, parts; the test set"),
    ("n_max", "the most points of r or rho there can be, when n is not stated"),
    ("p", "p-value as printed: 0.03, <0.001, >0.05, ns"),
    ("tail", "two (default) or one"),
    ("k, percent, proportion", "k of n, as a percentage or a proportion"),
    (
        "mean, sd, items",
        "mean and SD of n whole numbers; items: over how many each person's number is an average",
    ),
    ("data_type", "of mean and sd: whole (also where empty), binary or continuous"),
    ("min, q1, median, q3, max", "range, quartiles and median of the same numbers as mean and sd"),
    ("agreement, expected_agreement", "of the raters of kappa, observed and by chance; share or %"),
    ("events1, n1, events2, n2", "events in two groups, for estimate and measure"),
    ("mean1, sd1, n1, mean2, sd2, n2", "means of two groups, for estimate and measure"),
    ("tp, fp, fn, tn", "confusion matrix"),
    ("n_pos, n_neg, n_test", "diseased, not diseased and all cases of the test set"),
    (", ".join(METRICS), "performance as proportions"),
    ("metric, value", "the same, one metric per row"),
    ("estimate, se, ci_low, ci_high, ci_level", "estimate, standard error, interval, level in %"),
    ("measure", "of the estimate: OR, RR, HR, IRR, MD, SMD, RD or its name"),
    ("mcc, kappa, lr_pos, lr_neg", "scores of a test set that are no shares"),
    ("folds", "over how many folds the scores are averages"),
    ("averaged_over", "what they are averages over, in words: folds, 5 folds, runs, readers"),
    ("auc_ci_low, auc_ci_high, auc_se, ...", "interval and standard error of a metric"),
    (
        "q, df, studies, i2, h2, tau2, p_q",
        "heterogeneity: Q, its df or the number of studies, I2 in %, H2, tau2, p of Q",
    ),
    ("train, validation, test, images", "sizes of the parts of a data set and of the whole"),
    ("patients, images", "patients and images of a data set"),
    ("parts, n", "numbers separated by ; that add up to n"),
    ("percents, n", "percentages of one n, separated by ; (n_max: the most cases there can be)"),
    ("cells", "counts of a table, rows separated by | and cells by ;, for chi2, df and p"),
    ("r2, adj_r2", "R2 and adjusted R2 of a regression, with its F, df1, df2 or n"),
    (
        "forest, weight",
        "forest plot of the row, weight in %; label of the pooled row: total, overall, pooled",
    ),
    ("baseline", "name of the table of baseline means that the row stands in"),
    ("n_classes", "classes; with more than two, sensitivity is no single k/n"),
)
