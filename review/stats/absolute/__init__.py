"""Relative effects as absolute ones, the information that a decision needs, overlap of studies."""
