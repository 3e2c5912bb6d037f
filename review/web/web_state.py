"""What the server holds between two requests: the review, the door, what each person just did."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from review.project.lock import settle
from review.web.long_work import Works

if TYPE_CHECKING:
    from review.project.watched_review import WatchedReview
    from review.web.web_gate import Door


@dataclass
class WebState:
    """The state of a server.

    Attributes:
        review: the state of the folder that was last looked at.
        door: who may come in.
        steps: session, person and stage -> what was done there, so that it can be taken back.
        runs: pooled models, by the files and settings that they come from.
        works: long work.
    """

    review: WatchedReview
    door: Door
    steps: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    runs: dict[Any, Any] = field(default_factory=dict)
    works: Works = field(default_factory=Works)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> WatchedReview:
        """Return the state of the folder now; what an interrupted program left is settled."""
        with self.lock:
            if not self.review.bundled:
                settle(self.review.path)
            self.review = self.review.fresh()
            return self.review

    def team(self, review: WatchedReview) -> list[str]:
        """Return the names that a person may choose; none where any name will do."""
        return list(review.settings.screening.team)
