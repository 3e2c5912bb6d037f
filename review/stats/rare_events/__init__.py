"""Methods for rare events: Mantel-Haenszel, Peto."""
