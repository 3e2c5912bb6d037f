"""From results or a table to a meta-analysis with everything beside it."""
