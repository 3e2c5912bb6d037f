"""Starts the local server, on this computer alone, and opens the browser."""

from __future__ import annotations

import csv
import os
import socket
from typing import TYPE_CHECKING, Final

from review.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.project import Review

LOCAL: Final = "127.0.0.1"
_MAX_CELL: Final = 100_000_000


def serve_review(
    review: Review, *, port: int = 0, reader: bool = False, started: Callable[[str], None]
) -> None:
    """Serve the pages of a review until the program is stopped.

    Args:
        review: whose pages they are; a bundled one can be read only.
        port: 0 for one that is free.
        reader: nothing can be changed.
        started: called with the address, when the server answers.

    Raises:
        MissingExtraError: the packages of the server are not installed.
        InputError: the port is taken.
    """
    try:
        import uvicorn

        from review.web.web_app import web_app
    except ImportError as error:
        if (error.name or "").startswith("review"):
            raise
        raise MissingExtraError(
            "the pages need a few more packages: pip install 'review-analytics[web]'"
        ) from None
    from review.project.watched_review import WatchedReview
    from review.web.web_gate import Door

    # one limit for the process: modules that set it for a while would take it from each other
    csv.field_size_limit(_MAX_CELL)
    bound = listening_socket(port)
    door = Door(bound.getsockname()[1], reader=reader or review.bundled)
    watched = WatchedReview(review.path, bundled=review.bundled, trust=review.trust)
    config = uvicorn.Config(
        web_app(watched, door), log_level="warning", access_log=False, server_header=False,
        date_header=False, proxy_headers=False, ws="none", lifespan="off",
        timeout_graceful_shutdown=5,
    )  # fmt: skip
    server = uvicorn.Server(config)
    bound.listen()  # from now on a browser that is quicker than the server waits for it
    started(door.address)
    server.run(sockets=[bound])


def listening_socket(port: int) -> socket.socket:
    """Return a socket of this computer alone.

    Raises:
        InputError: the port is taken.
    """
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name != "nt":  # there it would let another program listen too
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((LOCAL, port))
    except (OSError, OverflowError) as error:
        made.close()
        why = getattr(error, "strerror", None) or error
        raise InputError(f"--port {port}: {why}; leave it out for a port that is free") from None
    return made
