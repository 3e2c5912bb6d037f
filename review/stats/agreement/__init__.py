"""Agreement of coders: on categories, on numbers."""
