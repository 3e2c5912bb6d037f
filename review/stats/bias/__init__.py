"""Small-study effects, selection, and how robust a finding is to unpublished results."""
