"""Plotly builders and drawings: a result goes in, a figure comes out; no files.

The figures of meta-analyses stand here by name, such as `review.plots.forest(result)`.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
