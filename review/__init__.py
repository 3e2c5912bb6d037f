"""Systematic reviews as plain text files: code, check, analyse, pool, publish.

Names are imported on first use, so that `import review` stays light; `__init__.pyi` lists them for
type checkers and for the loader alike. Groups of them help to look around: `review.effects`,
`review.pooling`, `review.accuracy`, `review.bayes`, `review.dependent`, `review.networks`,
`review.bias`, `review.diagnostics`, `review.associations`.
"""

from __future__ import annotations

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, _names = lazy_loader.attach_stub(__name__, __file__)
__all__ = sorted([*_names, "__version__"])  # noqa: PLE0605  the names stand in the stub
