"""`python -m local …`: the commands of contracts.md 3. Each prints one clear line, never a traceback, for what a
person can mend: exit status 2 where the command could not begin, 1 where it began and something was not delivered."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from ledgercast.domain.errors import LedgercastError, SettingsError
from local.front import PortTaken, free
from local.settings import LocalSettings


def _demo(_: argparse.Namespace) -> int:
    _can_begin()
    from local.demo.demo import demo

    return demo()


def _run(_: argparse.Namespace) -> int:
    _can_begin()
    from local.demo.demo import run

    return run()


def _can_begin() -> None:
    """What a person can mend is told at once, before anything heavy is loaded. Raises SettingsError and PortTaken."""
    free(LocalSettings.read().port)


def _facts(arguments: argparse.Namespace) -> int:
    from local.commands import facts

    return facts(arguments.metric, as_json=arguments.json)


def _chart(arguments: argparse.Namespace) -> int:
    from local.commands import chart

    return chart(arguments.metric, arguments.out)


def _bench(_: argparse.Namespace) -> int:
    from local.bench.all import bench

    return bench()


def _load(_: argparse.Namespace) -> int:
    from local.load.load import main

    return main()


def _gallery(_: argparse.Namespace) -> int:
    from local.gallery import main

    main()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description="Ledgercast on this machine")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, act: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=words, description=words)
        sub.set_defaults(act=act)
        return sub

    command("demo", _demo, "fetch, draw and deliver all eleven metrics once; look at out/demo/index.html")
    command("run", _run, "the same system, kept running until Ctrl-C")
    facts = command("facts", _facts, "the numbers of one metric, or of all, from the configured Xero")
    facts.add_argument("metric", metavar="METRIC|all")
    facts.add_argument("--json", action="store_true", help="the facts as JSON, nothing else on stdout")
    chart = command("chart", _chart, "the chart of one metric, from the configured Xero")
    chart.add_argument("metric", metavar="METRIC")
    chart.add_argument("--out", required=True, metavar="F.png")
    command("bench", _bench, "measure the budgets; writes out/bench.json")
    command("load", _load, "thousands of Xero's events while everything fails; prints where each of them is")
    command("gallery", _gallery, "draw docs/gallery anew")
    return parser


def main(words: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(words)
    try:
        return int(arguments.act(arguments))
    except (SettingsError, PortTaken) as wrong:
        print(f"ledgercast: {wrong}", file=sys.stderr)
        return 2
    except LedgercastError as failed:
        print(f"ledgercast: {failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("ledgercast: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
