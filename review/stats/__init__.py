"""Pure numerics on arrays: effect sizes, models, bias, influence, correlation, agreement."""
