"""Selection models: weight functions of the p-value, their likelihood and its maximum."""
