"""Certainty of the evidence by GRADE: what can be computed is proposed, people judge."""
