"""Algebra that the models of dependent effects share."""
