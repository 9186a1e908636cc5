"""The operator's commands: which there are, and how each ends.

Exit status 0 when it was done, 1 when the deployment or AWS said no, 2 when it could not begin as it was given.
Whatever happens is told in one line. A secret comes in by a hidden prompt or a file, never as an argument, and never
goes out.
"""

from __future__ import annotations

import argparse
import getpass
import logging
import re
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from ledgercast import clock
from ledgercast.ops.deployment import Deployment, find
from ledgercast.ops.doctor import doctor
from ledgercast.ops.forgetting import Forgetting
from ledgercast.ops.people import People
from ledgercast.ops.replay import Replay
from ledgercast.ops.secrets import AppSecret, Ask
from ledgercast.ops.terminal import Stop, remark

Act = Callable[[Deployment, argparse.Namespace], int | None]


def main(words: Sequence[str] | None = None, *, ask: Ask | None = None, now: clock.Clock = clock.now) -> int:
    """Run one command and give its exit status. `ask` stands for the hidden prompt."""
    _keep_quiet()
    arguments = parser(ask, now).parse_args(words)
    try:
        return arguments.act(find(arguments.stack, arguments.region), arguments) or 0
    except Stop as stopped:
        return _end(str(stopped), stopped.status)
    except KeyboardInterrupt:
        return _end("stopped", 130)
    except NoCredentialsError:
        return _end("no AWS credentials were found; sign in first (aws sso login), or set AWS_PROFILE", 2)
    except ClientError as refused:
        return _end(f"AWS refused {_plain(refused.operation_name)}: {_plain(refused.response['Error']['Code'])}", 1)
    except BotoCoreError as fault:
        return _end(f"AWS could not be asked ({type(fault).__name__}); check profile, region and network", 2)
    except Exception as bug:  # its text might hold what must not be shown
        *_, where = traceback.extract_tb(bug.__traceback__)
        place = f"{Path(where.filename).name}:{where.lineno}"
        return _end(f"something unexpected happened ({type(bug).__name__} at {place}); please report it", 1)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Never repeat words that had no place here: one of them may be a secret."""
        if message.startswith("unrecognized arguments"):
            message = "there are words too many; a secret is never given here, but typed at the prompt or put in a file"
        super().error(message)


def parser(ask: Ask | None = None, now: clock.Clock = clock.now) -> argparse.ArgumentParser:
    """Every command with what it takes; `act` of the result does it."""
    where = _Parser(add_help=False)
    where.add_argument("--stack", default=argparse.SUPPRESS, metavar="ledgercast-STAGE", help="which deployment")
    where.add_argument("--region", default=argparse.SUPPRESS, help="where it is; otherwise the AWS configuration's")
    top = _Parser(prog="python -m ledgercast", description="Ledgercast: the operator's commands", allow_abbrev=False)
    top.set_defaults(stack="ledgercast-production", region=None)
    rooms = top.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    def command(
        group: argparse._SubParsersAction[_Parser], name: str, act: Act, words: str, *, email: bool = False
    ) -> _Parser:
        made = group.add_parser(name, help=words, description=words, parents=[where], allow_abbrev=False)
        made.set_defaults(act=act)
        if email:
            made.add_argument("email", metavar="EMAIL")
        return made

    def room(group: argparse._SubParsersAction[_Parser], name: str, words: str) -> argparse._SubParsersAction[_Parser]:
        made = group.add_parser(name, help=words, description=words, parents=[where], allow_abbrev=False)
        return made.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    admin = room(rooms, "admin", "members and credentials of a deployment")
    command(admin, "link", lambda at, given: People(at, now).link(given.email), "print a sign-in link", email=True)
    command(admin, "members", lambda at, _: People(at, now).list(), "list the members")
    lost = "take a lost second factor off a member and end their sessions"
    command(admin, "reset-2fa", lambda at, given: People(at, now).reset(given.email), lost, email=True)
    sessions = command(
        admin,
        "sessions",
        lambda at, given: People(at, now).sessions(given.email, end=given.end),
        "list a member's sessions",
        email=True,
    )
    sessions.add_argument("--end", action="store_true", help="end them all")
    forget = command(admin, "forget", _forget, "delete what is kept of the books and of what was sent")
    what = forget.add_mutually_exclusive_group(required=True)
    what.add_argument("--connection", default="", metavar="ID", help="of one organisation")
    what.add_argument("--pulse", default="", metavar="ID", help="of one pulse's runs")
    what.add_argument("--before", default="", metavar="DAY", help="of the runs before that day, in UTC")
    what.add_argument("--all", action="store_true", help="all of it")
    forget.add_argument("--yes", action="store_true", help="really delete it")
    forget.set_defaults(now=now)
    secrets = room(admin, "secrets", "the credentials of the Xero and Slack apps")
    command(secrets, "show", lambda at, _: AppSecret(at, now).show(), "tell which are set, never their values")
    setting = command(
        secrets,
        "set",
        lambda at, given: AppSecret(at, now).set(given.file, ask or getpass.getpass),
        "set them from a hidden prompt or a file; what is not given stays",
    )
    setting.add_argument("--file", type=Path, metavar="F", help="a JSON object with the fields to set")
    again = "have Xero's deliveries that were put aside told again; what was told already is not"
    replaying = command(admin, "replay", lambda at, given: Replay(at, now).run(look=given.look), again)
    replaying.add_argument("--look", action="store_true", help="only tell what is put aside, and why")
    command(rooms, "doctor", lambda at, _: doctor(at, now), "tell what still stands before the first chart")
    return top


def _forget(at: Deployment, given: argparse.Namespace) -> None:
    Forgetting(at, given.now).forget(
        connection=given.connection, pulse=given.pulse, before=given.before, everything=given.all, yes=given.yes
    )


def _keep_quiet() -> None:
    """At DEBUG the SDK writes whole requests, new credentials among them, into whoever's log."""
    for name in ("boto3", "botocore", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "", text)[:80]


def _end(message: str, status: int) -> int:
    remark(f"ledgercast: {message}")
    return status
