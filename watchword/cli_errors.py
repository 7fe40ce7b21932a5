"""How the command line tells what went wrong: one sentence, what to do, and an exit code; never a traceback."""

import errno
import os
import re

import click

from watchword.cli_parts import printable
from watchword.errors import WatchwordError


class Verbs(click.Group):
    """Lists the verbs in the order of a case's life, and turns every expected error into a sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the verbs in the order in which they were written down."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> object:
        """Run a verb; a user's mistake or a full disk ends it with a sentence and an exit code."""
        try:
            return super().invoke(ctx)
        except WatchwordError as error:
            click.echo(f"watchword: {printable(error.what)}", err=True)
            if error.do:
                click.echo(f"           {printable(error.do)}", err=True)
            ctx.exit(error.code)
        except BrokenPipeError:
            ctx.exit(0)
        except KeyboardInterrupt:
            click.echo("watchword: Interrupted.", err=True)
            click.echo("           Run the same command again: it goes on where it stopped.", err=True)
            ctx.exit(130)
        except OSError as error:
            if not error.errno:
                raise
            ctx.exit(_told(error.errno, error.strerror or "", str(error.filename or "")))
        except Exception as error:
            # DuckDB's errors are none of Python's; its module is not loaded for their sake.
            if not re.match(r"IO Error|Out of Memory Error", text := str(error)):
                raise
            codes = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
            code = next((code for code in codes if os.strerror(code) in text), errno.EIO)
            ctx.exit(_told(code, text.partition("\n")[0], ""))


def _told(number: int, why: str, path: str) -> int:
    """Say what the system refused, and what to do; give the exit code."""
    where = f" ({printable(path)})" if path else ""
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        said = "A file grew bigger than is allowed" if number == errno.EFBIG else "The disk is full"
        do, code = "Make room and run the same command again: it goes on where it stopped.", 5
    elif number in (errno.EROFS, errno.EACCES, errno.EPERM):
        said, do, code = why, "Copy the case to a folder that is yours, or ask for the right.", 4
    else:
        said, do, code = why, "Look at the disk, then run the same command again: it goes on where it stopped.", 2
    click.echo(f"watchword: {printable(said.rstrip('.'))}{where}.", err=True)
    click.echo(f"           {do}", err=True)
    return code
