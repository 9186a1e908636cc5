"""The synthesized template, running on this machine: one process and its warm workers.

    with Runtime(template, workdir, env_extra) as runtime:
        arn = runtime.start({"workspace": "main", ...})
        runtime.wait(arn, 60)

One at a time in a process, since moto keeps its state in it.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, Self

import boto3
from botocore.config import Config

from ledgercast.store.state import StateStore
from ledgercast.store.table import Table
from local.aws import hooks, permissions
from local.aws.clock import LocalClock
from local.aws.deployer import Deployed, deploy
from local.aws.helpers import Helpers
from local.aws.hooks import Hooks
from local.aws.metrics import Metrics
from local.aws.pollers import Poller
from local.aws.resources import IGNORED, KINDS
from local.aws.resources.kinds import Stack, function_of
from local.aws.scheduler import Scheduler
from local.aws.targets import Targets
from local.aws.template import Template
from local.aws.workers import Workers
from local.front import Front, PortTaken

__all__ = ["PortTaken", "Runtime"]

ROOT = Path(__file__).resolve().parents[1]
REGION = "eu-west-1"
_SETTLE_SECONDS = 60.0
_SOON_SECONDS = 15.0
_running = threading.Lock()


class Runtime:
    """Everything the template says, from `with` to its end.

    `template`: the template's file, or its body. `workdir`: a folder for the clock and the functions' logs.
    `env_extra`: what every function's environment gets in addition. `code`: the folder that holds `functions/` and
    `ledgercast/`. `port`: of the front, 0 for a free one. Entering raises PortTaken, TemplateError or SettingsError.
    """

    outputs: dict[str, Any]
    helpers: Helpers
    stack: Stack

    def __init__(
        self,
        template: Path | Mapping[str, Any],
        workdir: Path,
        env_extra: Mapping[str, str] | None = None,
        *,
        clock: LocalClock | None = None,
        port: int = 0,
        code: Path = ROOT,
    ) -> None:
        self._template, self._env, self._port, self._code = template, dict(env_extra or {}), port, code
        self.workdir = workdir.resolve()
        (self.workdir / "logs").mkdir(parents=True, exist_ok=True)
        self.clock = clock or LocalClock(self.workdir / "clock")
        self._undo = ExitStack()
        self._session: Any = boto3.Session(aws_access_key_id="local", aws_secret_access_key="local")
        self._started: list[threading.Thread] = []
        self._making = threading.Lock()  # a session makes one client at a time
        self.client = cache(self._client)

    def __enter__(self) -> Self:
        if not _running.acquire(blocking=False):
            raise RuntimeError("another local runtime is running in this process")
        self._undo.callback(_running.release)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends everything, newest first; no process and no port is left. A second call does nothing."""
        self._undo.close()

    @property
    def url(self) -> str:
        """The front's address, `http://localhost:PORT`."""
        return self.front.url

    def start(self, given: Mapping[str, Any], machine: str | None = None) -> str:
        """Starts an execution of the (only) state machine. Its ARN."""
        arn = machine or self.stack.machines[0]
        # Without a name moto calls every execution "None".
        started = self.client("stepfunctions").start_execution(
            stateMachineArn=arn, name=str(uuid.uuid4()), input=json.dumps(given)
        )
        return str(started["executionArn"])

    def wait(self, arn: str, timeout: float = 60) -> dict[str, Any]:
        """The execution's description once it has ended. Raises TimeoutError after `timeout` seconds."""
        until = time.monotonic() + timeout
        while (found := self.client("stepfunctions").describe_execution(executionArn=arn))["status"] == "RUNNING":
            if time.monotonic() > until:
                raise TimeoutError(f"{arn} still runs after {timeout:g} s")
            time.sleep(0.05)
        return dict(found)

    def serve(self) -> NoReturn:
        """Runs on until Ctrl-C or SIGTERM unwinds the `with` block."""
        while True:
            # Short, and not signal.pause(): a signal that arrives a moment before it would never be acted on.
            time.sleep(0.5)

    def mail(self) -> list[hooks.Letter]:
        """Every message SES took, oldest first."""
        return self._hooks.outbox.letters()

    def invoke(self, function: str, payload: bytes) -> tuple[bytes, bool]:
        """Calls a function of the template by its name: its answer, and whether it failed."""
        return self.workers.invoke(function, payload)

    def _start(self) -> None:
        self._stop_on_sigterm()
        self._log_to_file()
        self.front = Front(self._port, self.clock, self.invoke)
        self._undo.callback(self.front.stop)
        self._hooks = Hooks(REGION, self.clock, self._invoke_arn)
        self._undo.callback(self._hooks.close)
        self._serve_aws()
        self.workers = Workers(self._code, self.workdir / "logs", self._worker_environment())
        self._undo.callback(self.workers.stop)
        deployed = self._deploy()
        self.outputs, self.names = deployed.outputs, deployed.names
        self._run_schedules()
        self._run_pollers()
        self._open_front()
        self._keep_metrics()

    def _serve_aws(self) -> None:
        server = hooks.server()
        server.start()
        self._undo.callback(server.stop)
        _, port = server.get_host_and_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        self._hooks.use_endpoint(self.endpoint)

    def _deploy(self) -> Deployed:
        stack = Stack("ledgercast", REGION, self.client, self.front.url)
        deployed = deploy(Template.read(self._template), stack, KINDS, IGNORED)
        self.stack = stack
        self._undo.callback(self._abort_executions)
        if calls := os.environ.get("LEDGERCAST_IAM_LOG"):
            permissions.write_roles(Path(calls), stack)
        for function in stack.functions:
            self.workers.add(function)
        return deployed

    def _run_schedules(self) -> None:
        scheduler = self.client("scheduler")
        self.targets = Targets(self.client)
        self.scheduler = Scheduler(
            self.clock,
            self._hooks.schedules,
            lambda group, name: scheduler.delete_schedule(GroupName=group, Name=name),
            self.targets,
            self._settle,
        )
        self.scheduler.start()
        self._undo.callback(self.scheduler.stop)

    def _run_pollers(self) -> None:
        for mapping in self.stack.mappings:
            poller = Poller(mapping, self.client("sqs"), self.invoke)
            poller.start()
            self._undo.callback(poller.stop)

    def _keep_metrics(self) -> None:
        self.metrics = Metrics(self.workdir / "logs", self.client("cloudwatch"), self.clock)
        self.metrics.start()
        self._undo.callback(self.metrics.stop)

    def _open_front(self) -> None:
        self.helpers = Helpers(
            clock=self.clock,
            scheduler=self.scheduler,
            targets=self.targets,
            outbox=self._hooks.outbox,
            stepfunctions=self.client("stepfunctions"),
            sqs=self.client("sqs"),
            machines=self.stack.machines,
            machine=next(iter(self.stack.machines), None),
            state=self._state(),
        )
        helpers = self.helpers
        self.front.helpers.update(
            {
                ("GET", "/_local/mail"): helpers.mail,
                ("GET", "/_local/executions"): helpers.executions,
                ("GET", "/_local/queues"): helpers.queues,
                ("GET", "/_local/pulses"): helpers.pulses,
                ("POST", "/_local/clock"): helpers.advance,
                ("POST", "/_local/fire"): helpers.fire,
            }
        )
        self.front.routes.extend(self.stack.routes)
        self.front.start()

    def _state(self) -> StateStore | None:
        """The state table is the one that the functions are told of."""
        named = (one.environment.get("LEDGERCAST_STATE_TABLE") for one in self.stack.functions)
        table = next((name for name in named if name), None)
        return StateStore(Table(self.client("dynamodb"), table, self.clock.now)) if table else None

    def _invoke_arn(self, arn: str, payload: bytes, waits: bool) -> tuple[bytes, bool]:
        if waits:
            return self.workers.invoke(function_of(arn), payload)
        started = threading.Thread(target=self.workers.invoke, args=(function_of(arn), payload), daemon=True)
        self._started.append(started)
        started.start()
        return b"", False

    def _settle(self) -> None:
        """Waits for functions that were started without waiting for them, and for runs. Where all of these sleep, our
        time is moved on to the first that wakes, unless that is far off; what hangs is left to its timeout."""
        for thread in self._started:
            thread.join(_SETTLE_SECONDS)
        self._started = [thread for thread in self._started if thread.is_alive()]
        until = time.monotonic() + _SETTLE_SECONDS
        while (running := len(self._running())) and time.monotonic() < until:
            if running > self.clock.asleep():
                time.sleep(0.05)
            elif not self.clock.wake(_SOON_SECONDS):
                return

    def _running(self) -> list[str]:
        """The executions that have not ended."""
        stepfunctions = self.client("stepfunctions")
        return [
            one["executionArn"]
            for machine in self.stack.machines
            for one in stepfunctions.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]
        ]

    def _abort_executions(self) -> None:
        for execution in self._running():
            self.client("stepfunctions").stop_execution(executionArn=execution)

    def _worker_environment(self) -> dict[str, str]:
        return {
            "LEDGERCAST_LOCAL": "1",
            "LEDGERCAST_CLOCK_FILE": str(self.clock.file.resolve()),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            **self._env,
        }

    def _client(self, service: str) -> Any:
        # No proxies: this address is never anybody else's.
        config = Config(max_pool_connections=32, proxies={})
        with self._making:
            return self._session.client(service, region_name=REGION, endpoint_url=self.endpoint, config=config)

    def _log_to_file(self) -> None:
        """What the emulator and this runtime have to say goes beside the functions' logs, not to the terminal."""
        file = logging.FileHandler(self.workdir / "logs" / "runtime.log")
        file.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
        self._undo.callback(file.close)
        for name in ("moto", "werkzeug", "local.aws", "local.background"):
            logger = logging.getLogger(name)
            self._undo.callback(setattr, logger, "propagate", logger.propagate)
            self._undo.callback(logger.removeHandler, file)
            logger.propagate = False
            logger.addHandler(file)

    def _stop_on_sigterm(self) -> None:
        """SIGTERM unwinds the `with` block, as Ctrl-C does."""
        if threading.current_thread() is threading.main_thread():
            before = signal.signal(signal.SIGTERM, _leave)
            self._undo.callback(signal.signal, signal.SIGTERM, before)


def _leave(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # the way out is taken once
    sys.exit(128 + number)
