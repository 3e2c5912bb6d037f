"""Methods for rare events: models of the counts, beta-binomial, Mantel-Haenszel, Peto."""
