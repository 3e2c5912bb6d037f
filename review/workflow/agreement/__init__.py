"""How far the coders of a review agree."""
