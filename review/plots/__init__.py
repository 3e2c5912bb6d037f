"""Plotly builders and drawings: a result goes in, a figure comes out; no files."""
