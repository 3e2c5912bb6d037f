"""Trains one network on images once, by gradients or as features for a classical classifier."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from review.models.bench_result import Epoch
from review.models.loader import missing_torch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# mean and standard deviation of ImageNet's pixels, which the weights of torchvision expect
_MEAN: Final = (0.485, 0.456, 0.406)
_SD: Final = (0.229, 0.224, 0.225)
_HALF: Final = 0.5  # the weights of timm's older networks, and grey images


class Images:
    """Images and labels of one side of the split, given out in batches.

    Args:
        pixels: bytes of all images, shape (all, channels, size, size).
        labels: of all images, shape (all,).
        numbers: those of this side, shape (n,).
        batch: images per batch.
        device: where the batches go.
        half: centre pixels on 0.5 instead of ImageNet's means.
    """

    def __init__(
        self,
        pixels: Any,
        labels: Any,
        numbers: Any,
        *,
        batch: int,
        device: torch.device,
        half: bool,
    ) -> None:
        self.pixels, self.labels, self.numbers = pixels, labels, numbers
        self.batch, self.device = batch, device
        one = half or pixels.shape[1] == 1
        channels = pixels.shape[1]
        mean = torch.tensor([_HALF] * channels if one else _MEAN)
        sd = torch.tensor([_HALF] * channels if one else _SD)
        self.mean, self.sd = mean.view(1, -1, 1, 1), sd.view(1, -1, 1, 1)

    def __len__(self) -> int:
        return len(self.numbers)

    def batches(self, rng: Any = None) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield (images, labels), in random order when a generator is given."""
        numbers = self.numbers if rng is None else rng.permutation(self.numbers)
        for part in _parts(numbers, self.batch):
            pixels = torch.from_numpy(np.ascontiguousarray(self.pixels[part])).float() / 255
            labels = torch.from_numpy(self.labels[part])
            yield ((pixels - self.mean) / self.sd).to(self.device), labels.to(self.device)


def train(
    model: nn.Module,
    training: Images,
    validation: Images,
    *,
    learning_rate: float,
    epochs: int,
    seed: int,
    progress: Callable[[], None],
) -> tuple[tuple[Epoch, ...], int | None]:
    """Train with Adam and cross-entropy.

    Returns:
        The curve, and the epoch in which the loss was no number any more, or None.
    """
    optimizer = torch.optim.Adam(
        [p for p in model.parameters() if p.requires_grad], lr=learning_rate
    )
    rng = np.random.default_rng(seed)
    curve: list[Epoch] = []
    for epoch in range(1, epochs + 1):
        model.train()
        loss_sum = right = 0.0
        for images, labels in training.batches(rng):
            optimizer.zero_grad()
            scores = model(images)
            loss = nn.functional.cross_entropy(scores, labels)
            loss.backward()
            optimizer.step()
            loss_sum += float(loss.detach()) * len(labels)
            right += int((scores.argmax(dim=1) == labels).sum())
        val_loss, val_accuracy = evaluate(model, validation)
        if not (math.isfinite(loss_sum) and math.isfinite(val_loss)):
            return tuple(curve), epoch
        n = len(training)
        curve.append(Epoch(epoch, loss_sum / n, right / n, val_loss, val_accuracy))
        progress()
    return tuple(curve), None


def evaluate(model: nn.Module, images: Images) -> tuple[float, float]:
    """Return the average loss and the accuracy of a network, in evaluation mode."""
    model.eval()
    loss = right = 0.0
    with torch.no_grad():
        for batch, labels in images.batches():
            scores = model(batch)
            loss += float(nn.functional.cross_entropy(scores, labels, reduction="sum"))
            right += int((scores.argmax(dim=1) == labels).sum())
    return loss / len(images), right / len(images)


def fit_classifier(
    model: nn.Module, training: Images, validation: Images, *, classifier: str, seed: int
) -> tuple[Epoch, ...]:
    """Fit a scikit-learn classifier on the features that a hybrid gives.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    fitted = _classifier(classifier, seed)
    (x, y), (u, v) = features(model, training), features(model, validation)
    fitted.fit(x, y)
    return (Epoch(1, None, float(fitted.score(x, y)), None, float(fitted.score(u, v))),)


def features(model: nn.Module, images: Images) -> tuple[Any, Any]:
    """Return the features (n, m) of images and their labels (n,)."""
    model.eval()
    with torch.no_grad():
        found = [
            (model(batch).flatten(1).cpu(), labels.cpu()) for batch, labels in images.batches()
        ]
    return torch.cat([x for x, _ in found]).numpy(), torch.cat([y for _, y in found]).numpy()


def _classifier(name: str, seed: int) -> Any:
    try:
        from sklearn.ensemble import RandomForestClassifier
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
        from sklearn.svm import SVC
    except ImportError as error:
        raise missing_torch(error) from error
    if name == "random_forest":
        return RandomForestClassifier(random_state=seed)
    last = SVC(kernel="linear") if name == "svm" else LogisticRegression(max_iter=2000)
    return make_pipeline(StandardScaler(), last)


def _parts(numbers: Any, batch: int) -> Iterator[Any]:
    """Yield parts of `batch` numbers; a single one left over joins the part before it.

    Batch normalisation cannot learn from one image.
    """
    starts = list(range(0, len(numbers), batch))
    if batch > 1 and len(starts) > 1 and len(numbers) - starts[-1] == 1:
        starts.pop()
    for start, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
        yield numbers[start:end]
