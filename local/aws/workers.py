"""Functions in processes: a few warm awslambdaric workers per function, as Lambda keeps execution environments.

A worker that dies or cannot import its handler is an error at once; one that runs too long is killed. No worker
outlives this process (worker_main.py), whatever ends it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.aws.runtime_api import Answer, Died, Event, InitFailed, Invocation, Ready, RuntimeApi, error

INIT_SECONDS = 60.0
"""Lambda gives an import 10 s; several imports at once on two cores take longer than one in a deployment."""

_KEPT = (
    *("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "PYTHONDONTWRITEBYTECODE"),
    "LEDGERCAST_IAM_LOG",  # the file in which to note every AWS call (permissions.py)
)
_MAIN = Path(__file__).with_name("worker_main.py")


@dataclass(frozen=True)
class Function:
    """A function of the template. `timeout` is in seconds, `memory` in MB."""

    name: str
    arn: str
    handler: str
    timeout: float
    memory: int
    environment: Mapping[str, str]


class Workers:
    """The pool. `limit` is how many events one function works on at once; more wait instead of being throttled."""

    def __init__(self, code: Path, logs: Path, environment: Mapping[str, str], limit: int = 2) -> None:
        """`code` is the folder that holds `functions/` and `ledgercast/`; `environment` is added to every worker's."""
        self._code, self._logs, self._environment, self._limit = code, logs, dict(environment), limit
        self._functions: dict[str, _Slots] = {}
        self._all: set[_Worker] = set()
        self._lock = threading.Lock()
        self._stopped = False
        atexit.register(self.stop)

    def add(self, function: Function) -> None:
        self._functions[function.name] = _Slots(function, threading.Semaphore(self._limit), [])

    def invoke(self, name: str, payload: bytes) -> tuple[bytes, bool]:
        """The function's answer, and whether it failed (then the answer is Lambda's error JSON)."""
        slots = self._functions[name]
        with slots.free:
            while True:
                worker = self._take(slots)
                warm = worker.warm
                answer, failed = worker.invoke(payload)
                if worker.alive:
                    with self._lock:
                        slots.idle.append(worker)
                else:
                    self._drop(worker)
                    if warm and not worker.delivered and not self._stopped:
                        continue  # it died between two events: this one never reached it
                return answer, failed

    def stop(self) -> None:
        """Ends every worker and waits until it is gone."""
        atexit.unregister(self.stop)
        with self._lock:
            if self._stopped:
                return
            self._stopped = True
            workers = list(self._all)
        for worker in workers:
            worker.kill()
        for worker in workers:
            worker.join()

    def processes(self, function: str = "") -> list[int]:
        """The process ids of the workers that live now, of all functions or of one."""
        with self._lock:
            return [one.pid for one in self._all if one.alive and function in ("", one.function)]

    def _take(self, slots: _Slots) -> _Worker:
        with self._lock:
            if self._stopped:
                raise RuntimeError("the local runtime is stopping")
            if slots.idle:
                return slots.idle.pop()
            api = RuntimeApi()
            worker = _Worker(slots.function, api, self._worker_environment(slots.function, api), self._code, self._logs)
            self._all.add(worker)
            return worker

    def _drop(self, worker: _Worker) -> None:
        worker.join()
        with self._lock:
            self._all.discard(worker)

    def _worker_environment(self, function: Function, api: RuntimeApi) -> dict[str, str]:
        """As Lambda's: nothing of this machine but where programs lie, so no credentials and no proxies of its user."""
        return {
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            "TZ": ":UTC",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_LAMBDA_RUNTIME_API": api.address,
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": api.address,
            "LAMBDA_TASK_ROOT": str(self._code),
            "POWERTOOLS_TRACE_DISABLED": "1",
            "_HANDLER": function.handler,
            **function.environment,
            **self._environment,
        }


@dataclass
class _Slots:
    function: Function
    free: threading.Semaphore
    idle: list[_Worker]


class _Worker:
    """One process. Used by one thread at a time."""

    def __init__(
        self, function: Function, api: RuntimeApi, environment: dict[str, str], code: Path, logs: Path
    ) -> None:
        self._function, self._api = function, api
        self.function = function.name
        self.warm = False
        self.delivered = False
        self._request = ""
        with (logs / f"{function.name}.log").open("ab") as log:
            # Its own session: Ctrl-C in the terminal reaches this process alone, which then ends its workers.
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(_MAIN), function.handler],
                cwd=code,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.pid = self._process.pid
        self._watch = threading.Thread(target=self._report_death, name=f"watch-{self.pid}", daemon=True)
        self._watch.start()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def invoke(self, payload: bytes) -> tuple[bytes, bool]:
        self.delivered = False
        self._request = str(uuid.uuid4())
        if not self.warm:
            event = self._next(INIT_SECONDS)
            if not isinstance(event, Ready):
                return self._failed(event, INIT_SECONDS)
            self.warm = True
        invocation = Invocation(self._request, self._function.arn, payload, self._function.timeout)
        self.delivered = self._process.poll() is None
        self._api.invocations.put(invocation)
        event = self._next(self._function.timeout)
        return (event.payload, event.failed) if isinstance(event, Answer) else self._failed(event, invocation.seconds)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def join(self) -> None:
        self._watch.join()
        self._api.stop()
        if self._process.stdin:
            self._process.stdin.close()

    def _next(self, seconds: float) -> Event | None:
        try:
            return self._api.events.get(timeout=seconds)
        except queue.Empty:
            return None

    def _failed(self, event: Event | None, seconds: float) -> tuple[bytes, bool]:
        """Lambda's words for what happened; such a worker is of no further use."""
        self.kill()
        self._watch.join()
        if isinstance(event, InitFailed):
            return event.payload, True
        if isinstance(event, Died):
            how = f"signal: {signal.Signals(-event.code).name}" if event.code < 0 else f"exit status {event.code}"
            return self._error("Runtime.ExitError", f"Runtime exited with error: {how}")
        return self._error("Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds")

    def _error(self, kind: str, message: str) -> tuple[bytes, bool]:
        return error(kind, f"RequestId: {self._request} Error: {message}"), True

    def _report_death(self) -> None:
        code = self._process.wait()
        self._api.invocations.put(None)  # lets go of the request that the worker left hanging
        self._api.events.put(Died(code))
