"""How much of what is relevant a ranked screening has found, with a stated error."""
