"""Models of dependent effects: multilevel, multivariate, and robust to what is not known."""
