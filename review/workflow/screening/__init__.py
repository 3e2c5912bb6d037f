"""Screening: which record is next, what was decided, what is in dispute, how far the team is."""
