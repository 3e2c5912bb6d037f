"""Entry point of the command `review`: registers the commands, turns errors into exit codes.

Exit codes: 0 fine, 1 a check failed, 2 bad input, 70 a defect of the program.
"""

from __future__ import annotations

import copy
import io
import os
import sys
import traceback
import warnings
from functools import cache
from typing import Annotated, Any, Final

# pydantic reads the entry points of every installed package for plugins, which takes longer than
# all models of a review together; the command uses none
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "true")

import typer

import review
from review.cli.common import echo, warn
from review.cli.terminal import is_utf8
from review.errors import ReviewError

app: Final = typer.Typer(
    name="review",
    help="Systematic reviews as plain text files: code, check, analyse, pool, publish.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
# the parser behind typer is a part of it in newer releases and a package of its own in older ones
_UsageError: Final[type[Any]] = next(
    c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException"
)


def _version(*, wanted: bool) -> None:
    if wanted:
        echo(f"review {review.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=lambda value: _version(wanted=value),
            is_eager=True,
            help="Print the version.",
        ),
    ] = False,
) -> None:
    """Systematic reviews as plain text files: code, check, analyse, pool, publish."""


# one import and one line per command, in the order of the help
from review.cli import (  # noqa: E402
    add,
    adjudicate,
    agreement,
    analyze,
    audit,
    check,
    history,
    init,
    listing,
    rob,
)
from review.cli import meta as meta_command  # noqa: E402
from review.cli import models as models_command  # noqa: E402
from review.cli import report as report_command  # noqa: E402
from review.cli import trust as trust_command  # noqa: E402
from review.cli.bench import bench  # noqa: E402
from review.cli.certainty import certainty  # noqa: E402
from review.cli.checklist import checklist  # noqa: E402
from review.cli.code import code  # noqa: E402
from review.cli.dedupe import dedupe  # noqa: E402
from review.cli.form import form  # noqa: E402
from review.cli.import_export import export, import_files  # noqa: E402
from review.cli.link import link  # noqa: E402
from review.cli.prisma import prisma  # noqa: E402
from review.cli.recommend import recommend  # noqa: E402
from review.cli.screen import screen  # noqa: E402
from review.cli.serve import serve  # noqa: E402

app.command("init")(init.init)
app.command("check")(check.check)
app.command("form")(form)
app.command("add")(add.add)
app.command("remove")(add.remove)
app.command("set")(history.set_values)
app.command("log")(history.log)
app.command("undo")(history.undo)
app.command("show")(listing.show)
app.command("list")(listing.list_studies)
app.command("datasets")(listing.datasets)
app.command("analyze")(analyze.analyze)
app.command("meta")(meta_command.meta)
app.command("models")(models_command.models)
app.command("bench")(bench)
app.command("recommend")(recommend)
app.command("report")(report_command.report)
app.command("import")(import_files)
app.command("export")(export)
app.command("dedupe")(dedupe)
app.command("screen")(screen)
app.command("link")(link)
app.command("code")(code)
app.command("prisma")(prisma)
app.command("audit")(audit.audit)
app.command("agreement")(agreement.agreement)
app.command("adjudicate")(adjudicate.adjudicate)
app.command("rob")(rob.rob)
app.command("serve")(serve)
app.command("certainty")(certainty)
app.command("checklist")(checklist)
app.command("trust")(trust_command.trust)


def _named(arguments: list[str] | None) -> str | None:
    """Return the first argument where it is the name of a command."""
    first = next(iter(sys.argv[1:] if arguments is None else arguments), None)
    return first if any(c.name == first for c in app.registered_commands) else None


@cache
def _command(name: str | None) -> Any:
    """The parser of one command, or of all where none is named.

    Building the others takes longer than most commands; a process that runs several, as the tests
    do, builds each once.
    """
    alone = copy.copy(app)
    if name is not None:
        alone.registered_commands = [c for c in app.registered_commands if c.name == name]
    return typer.main.get_command(alone)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit; a problem is one message on standard error."""
    _take_every_sign()
    warnings.showwarning = _say_warning
    try:
        parser = _command(_named(arguments))
        code = parser(args=arguments, prog_name="review", standalone_mode=False) or 0
    except ReviewError as error:
        code = _fail(str(error), 2)
    except _UsageError as error:
        hint = getattr(getattr(error, "ctx", None), "command_path", "review")
        message = error.format_message()
        code = _fail(f"{message} (see '{hint} --help')", 2)
    except (typer.Abort, KeyboardInterrupt):
        code = _fail("stopped; nothing was changed", 130)
    except (BrokenPipeError, SystemExit) as stop:
        # the reader of a pipe went away, which is its right (typer turns it into an exit)
        if not isinstance(stop.__context__ or stop, BrokenPipeError):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:  # noqa: BLE001  a defect, said in one message like all else
        where = "(REVIEW_DEBUG=1 shows where it happened)."
        if os.environ.get("REVIEW_DEBUG"):
            where = "".join(traceback.format_exception(error))
        code = _fail(
            f"{type(error).__name__}: {error}\nThis is a defect of the program; please report it "
            f"{where}",
            70,
        )
    sys.exit(code)


def _fail(message: str, code: int) -> int:
    warn(f"error: {message}")
    return code


def _say_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    warn(f"note: {message}")


def _take_every_sign() -> None:
    """Let streams that cannot hold every sign (LC_ALL=C) write it out, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not is_utf8(stream.encoding):
            stream.reconfigure(errors="backslashreplace")
