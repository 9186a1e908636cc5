"""The summary of one run: the computed words, or a model's where the pulse asks for them and they stand the check.

Nothing that a model does or leaves undone raises here: the computed words go out instead, with the reason (AI-1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from functions.summarise.answer import Answer, NotUsable, understood
from functions.summarise.bedrock import Model, NoAnswer
from functions.summarise.check import Refused, check
from functions.summarise.known import known
from functions.summarise.names import Names, hide
from functions.summarise.prompt import Prompt, prompt
from functions.summarise.summary import failed_checks, summarise
from ledgercast.domain.facts import Facts, facts_hash
from ledgercast.observability import logger

RECORDED = ("kind", "why", "model", "prompt_hash", "facts_hash")

log = logger("summarise")


@dataclass(frozen=True)
class Wish:
    """What the pulse asks for: `ai` for a model's words, `names` to let it read the names of accounts."""

    ai: bool
    names: bool = False


def write(facts: Facts, wish: Wish, model: Model | None) -> dict[str, Any]:
    """summary.json: {kind, headline, points}, and {why, model, prompt_hash, facts_hash} where AI was wished for."""
    computed = summarise(facts)
    template = {"kind": "template", "headline": computed.headline, "points": list(computed.points)}
    if not wish.ai:
        return template
    told = {"why": "", "model": model.name if model else "", "prompt_hash": "", "facts_hash": facts_hash(facts)}
    if facts.empty or model is None:
        return {**template, **told, "why": "summary.no_activity" if facts.empty else "summary.no_model"}
    names = hide(facts, allowed=wish.names)
    asked = prompt(names.facts, known(names.facts), summarise(names.facts))
    told["prompt_hash"] = asked.hash
    try:
        answer = _written(names, asked, model)
    except (NoAnswer, NotUsable, Refused) as error:
        log.warning("no summary by a model", extra={"why": error.why, "error": _code(error)})
        return {**template, **told, "why": error.why}
    except Exception as error:  # whatever it is, the chart and the computed words go out
        log.error("no summary by a model", extra={"why": "summary.failed", "error": type(error).__name__})
        return {**template, **told, "why": "summary.failed"}
    points = [*failed_checks(facts), *map(names.put_back, answer.analysis)]
    return {**told, "kind": "ai", "headline": names.put_back(answer.headline), "points": points}


def record(summary: dict[str, Any]) -> dict[str, str]:
    """What the run's row keeps of a summary that a model was wished for; no word of it and no figure."""
    return {name: str(summary.get(name, "")) for name in RECORDED}


def _code(error: Exception) -> str:
    """What lies behind, by its name alone: messages can hold what was asked."""
    response = getattr(error.__cause__, "response", {})
    return str(response.get("Error", {}).get("Code") or type(error.__cause__ or error).__name__)


def _written(names: Names, asked: Prompt, model: Model) -> Answer:
    answer = understood(model.ask(asked))
    check(answer.sentences, known(names.facts), names)
    return answer
