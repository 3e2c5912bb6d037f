"""Reads a folder of images, one folder per class, and shares it out to training and validation."""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError
from review.models.loader import missing_torch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

EXTENSIONS: Final = frozenset(
    {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm"}
)
_TRAIN: Final = "train"
_VALIDATION: Final = ("val", "valid", "validation")
_LISTED: Final = 5  # unreadable files that a message names
_IN_MEMORY: Final = 2**30  # larger sets are kept in a temporary file


@dataclass(frozen=True)
class ImageFolder:
    """The images of a folder, checked to be readable later.

    Attributes:
        classes: names of the class folders, in alphabetical order.
        files: paths of all images.
        labels: class of each image, shape (n,).
        fixed: True for images of a `val` folder, None when the folder has no split of its own.
        ignored: names of files that are no images.
    """

    classes: tuple[str, ...]
    files: tuple[Path, ...]
    labels: np.ndarray[Any, np.dtype[np.int64]]
    fixed: np.ndarray[Any, np.dtype[np.bool_]] | None
    ignored: tuple[str, ...]

    def split(self, share: float, seed: int) -> tuple[Any, Any]:
        """Return the numbers of the training and of the validation images.

        Each class gives its share, but at least one image to both sides; the same seed gives the
        same split. A folder with a split of its own keeps it.

        Raises:
            InputError: a class has fewer than two images.
        """
        if self.fixed is not None:
            return np.flatnonzero(~self.fixed), np.flatnonzero(self.fixed)
        rng = np.random.default_rng(seed)
        held: list[int] = []
        for number, name in enumerate(self.classes):
            inside = rng.permutation(np.flatnonzero(self.labels == number))
            if len(inside) < 2:
                raise InputError(
                    f"class {name!r} has {len(inside)} image; two are needed, one to train and "
                    "one to validate"
                )
            held += inside[: min(max(round(share * len(inside)), 1), len(inside) - 1)].tolist()
        validation = np.array(sorted(held))
        return np.setdiff1d(np.arange(len(self.files)), validation), validation


def read_folder(folder: Path) -> ImageFolder:
    """Find the images of a folder.

    Raises:
        InputError: no such folder, no class folders, one class only, or a class without images.
    """
    if not folder.is_dir():
        raise InputError(f"--images {folder}: no such folder")
    train, validation = (
        folder / _TRAIN,
        next((folder / name for name in _VALIDATION if (folder / name).is_dir()), None),
    )
    if not train.is_dir() or validation is None:
        classes, files, labels, ignored = _classes(folder)
        return ImageFolder(classes, files, labels, None, ignored)
    classes, files, labels, ignored = _classes(train)
    others, more, their, also = _classes(validation)
    if others != classes:
        raise InputError(
            f"--images {folder}: {train.name} has the classes {', '.join(classes)}, "
            f"{validation.name} has {', '.join(others)}; they must be the same"
        )
    fixed = np.array([False] * len(files) + [True] * len(more))
    return ImageFolder(
        classes, files + more, np.concatenate([labels, their]), fixed, ignored + also
    )


def _classes(folder: Path) -> tuple[tuple[str, ...], tuple[Path, ...], Any, tuple[str, ...]]:
    inside = sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    folders = [p for p in inside if p.is_dir()]
    if len(folders) < 2:
        found = f"one class folder, {folders[0].name!r}" if folders else "no class folders"
        loose = sum(p.suffix.lower() in EXTENSIONS for p in inside)
        hint = f" ({loose} images lie loose in it)" if loose else ""
        raise InputError(
            f"--images {folder} has {found}{hint}; a classification needs at least two folders, "
            "one per class, with images in them"
        )
    files: list[Path] = []
    labels: list[int] = []
    ignored = [p.name for p in inside if p.is_file()]
    for number, each in enumerate(folders):
        below = sorted(p for p in each.rglob("*") if p.is_file() and not p.name.startswith("."))
        images = [p for p in below if p.suffix.lower() in EXTENSIONS]
        ignored += [p.name for p in below if p.suffix.lower() not in EXTENSIONS]
        if not images:
            raise InputError(
                f"class folder {each} holds no image ({len(below)} other files; images end in "
                f"{', '.join(sorted(EXTENSIONS))})"
            )
        files += images
        labels += [number] * len(images)
    return tuple(p.name for p in folders), tuple(files), np.array(labels), tuple(ignored)


def load(files: Sequence[Path], size: int, channels: int) -> Any:
    """Return the images as bytes, shape (n, channels, size, size).

    Raises:
        InputError: files that cannot be read as images; names the first of them.
    """
    shape = (len(files), channels, size, size)
    images: Any
    if math.prod(shape) <= _IN_MEMORY:
        images = np.empty(shape, dtype=np.uint8)
    else:
        # the mapping keeps the unnamed file open; it is gone when the images are
        with tempfile.TemporaryFile() as file:
            images = np.memmap(file, dtype=np.uint8, mode="w+", shape=shape)
    problems: list[str] = []
    for i, path in enumerate(files):
        try:
            images[i] = _decode(path, size, channels)
        except _unreadable() as error:
            reason = str(error).split(str(path))[0].strip(" '\":") or type(error).__name__
            problems.append(f"{path}: {reason}")
    if problems:
        listed = "\n  ".join(problems[:_LISTED])
        more = f"\n  and {len(problems) - _LISTED} more" if len(problems) > _LISTED else ""
        raise InputError(
            f"{len(problems)} of {len(files)} files cannot be read as images; repair or remove "
            f"them:\n  {listed}{more}"
        )
    return images


def _decode(path: Path, size: int, channels: int) -> Any:
    from PIL import Image, ImageOps

    with Image.open(path) as opened:
        image = ImageOps.exif_transpose(opened)
        if image.mode.startswith(("I", "F")):
            # 16-bit scans would be cut off at 255: stretch their own range instead
            values = np.nan_to_num(np.asarray(image, dtype=np.float64))
            low, high = values.min(), values.max()
            scaled = (values - low) * (255 / (high - low) if high > low else 0)
            image = Image.fromarray(scaled.astype(np.uint8))
        image = image.convert("L" if channels == 1 else "RGB")
        pixels = np.asarray(image.resize((size, size), Image.Resampling.BILINEAR))
    return pixels[None] if channels == 1 else pixels.transpose(2, 0, 1)


def _unreadable() -> tuple[type[BaseException], ...]:
    try:
        from PIL import Image
    except ImportError as error:
        raise missing_torch(error) from error
    return (
        OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    )  # fmt: skip
