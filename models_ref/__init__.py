"""Reference networks: layer tables (plain data) and torch modules.

`tables/*.csv` and `backbones.*` are read without torch; the Python modules beside this file need
the extra `torch` and are loaded by path (`review.models.loader`).
"""
