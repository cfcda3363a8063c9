"""The command ``collapse``: a thin face; the work is done where it also can be imported.

Misuse is told in one line on the error stream that says what to mend, with exit status 2.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from theory import __version__
from theory.errors import CollapseError

MISUSE = 2
INTERRUPTED = 130

# Loaded when asked for, so that `collapse --version` does not wait for SymPy.
_ROOMS = {
    "claims": "numerics.commands.catalogue",
    "derive": "numerics.commands.deriving",
    "simulate": "numerics.commands.simulating",
    "check": "numerics.commands.verdicts",
    "certify": "numerics.commands.certifying",
    "predict": "numerics.commands.predicting",
    "monitor": "numerics.commands.monitoring",
    "bench": "numerics.commands.benching",
    "silos": "numerics.commands.silos",
    "digits": "numerics.commands.digits",
    "replay": "numerics.commands.replaying",
}


class _Rooms(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_ROOMS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _ROOMS:
            raise click.UsageError(f"no command {cmd_name!r}; there are {', '.join(_ROOMS)}")
        room: Any = importlib.import_module(_ROOMS[cmd_name])
        return room.command


@click.group(cls=_Rooms, invoke_without_command=True)
@click.version_option(__version__, prog_name="collapse-theory")
@click.pass_context
def cli(context: click.Context) -> int:
    """Check theory of model collapse: derive it, simulate it, and get a verdict."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
    return 0


def _complain(text: str) -> int:
    # A file's own bytes may be part of it, and must not reach the terminal as controls.
    line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in " ".join(text.split()))
    print(f"collapse: {line}", file=sys.stderr)
    return MISUSE


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments
        By default those of the process.

    Returns
    -------
    int
        The exit status; see ``collapse check --help``.

    Examples
    --------
    >>> main(["--version"])
    collapse-theory, version 0.1.0
    0
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without a letter shows "?", not a traceback
            stream.reconfigure(errors="replace")
    try:
        status = cli.main(args=arguments, prog_name="collapse", standalone_mode=False)
        sys.stdout.flush()
        return int(status or 0)
    except click.exceptions.Abort:
        print("collapse: interrupted", file=sys.stderr)
        return INTERRUPTED
    except click.ClickException as error:
        return _complain(error.format_message())
    except CollapseError as error:
        return _complain(str(error))
    except MemoryError as error:
        return _complain(f"there is not memory enough for sizes such as these: {error}")
    except BrokenPipeError:
        # The reader (such as `head`) has gone; nothing is left to say, nor to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("COLLAPSE_DEBUG"):
            raise
        return _complain(
            f"unexpected {type(error).__name__}: {error} "
            "(a fault of collapse-theory; COLLAPSE_DEBUG=1 shows where)"
        )


if __name__ == "__main__":
    sys.exit(main())
