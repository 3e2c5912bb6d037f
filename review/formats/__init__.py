"""Readers and writers of the files that other programs make and take."""
