"""Models that pool effects: tau2, fit, intervals, prediction, moderators, subgroups."""
