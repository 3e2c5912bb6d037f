"""Exports of databases and reference managers: bytes to records with their place, and back."""
