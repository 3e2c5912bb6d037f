"""Loads the reference networks of `models_ref/`, the only part of the project that uses torch.

The folder is loaded by path under a private name, so that "models_ref" becomes no import name of
the installed package.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import TYPE_CHECKING, Any, Final

from review.errors import MissingExtraError
from review.resources import resource_dir

if TYPE_CHECKING:
    from types import ModuleType

PACKAGE: Final = "review._models_ref"
INSTALL: Final = "pip install 'review-analytics[torch]'"


def reference_module(name: str) -> ModuleType:
    """Return the module `name` of `models_ref/`.

    Raises:
        MissingExtraError: a package of the extra `torch` is not installed; says how to get it.
    """
    if PACKAGE not in sys.modules:
        _load_package()
    try:
        return importlib.import_module(f"{PACKAGE}.{name}")
    except ImportError as error:
        raise missing_torch(error) from error


def reference(name: str, attribute: str) -> Any:
    """Return one object of a module of `models_ref/`."""
    return getattr(reference_module(name), attribute)


def missing_torch(error: ImportError) -> MissingExtraError:
    """Return the error that names the missing package and the command that installs it."""
    package = (error.name or "torch").split(".")[0]
    return MissingExtraError(
        f"this needs the package {package!r}, which is not installed (or cannot be loaded: "
        f"{error}); {INSTALL} installs it"
    )


def why_no_torch() -> str | None:
    """Return None when torch can be imported, otherwise why the torch checks are skipped.

    A broken installation counts as none: importing is the only honest test.
    """
    try:
        importlib.import_module("torch")
    except ImportError as error:
        return f"torch is not installed ({error}); {INSTALL} installs it"
    except OSError as error:
        return f"torch is installed but cannot be loaded ({error}); {INSTALL} installs it anew"
    return None


def _load_package() -> None:
    folder = resource_dir("models_ref")
    spec = importlib.util.spec_from_file_location(
        PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)
