"""What becomes of each delivery of a batch: finished, again in a while, or aside with a reason (WH-7).

A delivery may concern several posts. It is finished when all of them are; as long as one may still come about it comes
again, and what was told by then is known. What cannot come about is put aside, where a person sees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from functions.stream.letters import Letter, Queue
from ledgercast.domain.sending import Wait
from ledgercast.observability import logger

LATER = Wait(0, "internal")
"""Something unexpected: it comes again when its time in hiding is over."""

MORE = Wait(1, "deliver.more")
"""There was no time left for it: nothing is wrong with it, however often that happens."""

log = logger("stream")


class Fates:
    """`most` is how often a delivery may be handed out before it is given up."""

    def __init__(self, letters: Sequence[Letter], queue: Queue, most: int) -> None:
        self._letters = letters
        self._queue = queue
        self._most = most
        self._waits: dict[str, Wait] = {}
        self._failures: dict[str, str] = {}

    def again(self, letters: Iterable[str], wait: Wait) -> None:
        """These come again, the longest wait of theirs later."""
        for letter in letters:
            known = self._waits.get(letter)
            if known is None or wait.seconds > known.seconds:
                self._waits[letter] = wait

    def failed(self, letters: Iterable[str], reason: str) -> None:
        """Something of these will not come about; the first reason stands."""
        for letter in letters:
            self._failures.setdefault(letter, reason)

    def settle(self) -> list[str]:
        """Put back and aside what must be: the ids of those that are not finished."""
        return [letter.id for letter in self._letters if not self._finished(letter)]

    def _finished(self, letter: Letter) -> bool:
        wait, reason = self._waits.get(letter.id), self._failures.get(letter.id, "")
        if wait and (letter.receives < self._most or wait is MORE):
            if wait.seconds:
                self._softly("put back", letter, lambda: self._queue.put_back(letter, wait.seconds))
            return False
        reason = wait.reason if wait else reason
        if not reason:
            return True
        log.warning("a delivery is put aside", extra={"delivery": letter.delivery, "reason": reason})
        return self._softly("put aside", letter, lambda: self._queue.park(letter, reason))

    def _softly(self, what: str, letter: Letter, act: Any) -> bool:
        """Where the queue cannot be asked the delivery stays where it is, and comes again by itself."""
        try:
            act()
        except Exception as fault:
            more = {"delivery": letter.delivery, "what": what, "kind": type(fault).__name__}
            log.error("a delivery could not be moved", extra=more)
            return False
        return True
