"""The reference networks without torch: counts, checks of printed numbers, spellings.

Torch itself is used in `models_ref/` alone, which `review.models.loader` loads when it is needed.
"""
