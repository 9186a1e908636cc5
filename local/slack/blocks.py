"""Block Kit's limits as Slack enforces them: what it refuses with `invalid_blocks` and why.

Limits from Slack's reference pages of blocks and composition objects: 50 blocks to a message; header 150, section and
text objects 3,000, context 10 elements, actions 25, button text 75, addresses 3,000, alt text 2,000 characters;
a slack_file must be a known, processed image.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

MOST_BLOCKS = 50
FILE_ID = re.compile(r"F[A-Z0-9]{8,}")

Usable = Callable[[str], bool]
Block = dict[str, Any]


def problems(blocks: Any, usable: Usable) -> list[str]:
    """Slack's words for each fault, with its JSON pointer; `usable` says whether a file id may be shown."""
    if not isinstance(blocks, list) or not blocks:
        return ["must be a non-empty array [json-pointer:/blocks]"]
    if len(blocks) > MOST_BLOCKS:
        return [f"no more than {MOST_BLOCKS} items allowed [json-pointer:/blocks]"]
    found = []
    for index, block in enumerate(blocks):
        kind = block.get("type") if isinstance(block, dict) else None
        check = _CHECKS.get(str(kind))
        said = [("", f"unsupported type: {kind}")] if check is None else check(block, usable)
        found += [f"{words} [json-pointer:/blocks/{index}{where}]" for where, words in said]
    return found


def _section(block: Block, usable: Usable) -> Iterator[tuple[str, str]]:
    fields = block.get("fields", [])
    if "text" not in block and not fields:
        yield "", "missing required field: text"
    if "text" in block:
        yield from _text(block["text"], "/text", 3000)
    if len(fields) > 10:
        yield "/fields", "no more than 10 items allowed"
    for index, one in enumerate(fields):
        yield from _text(one, f"/fields/{index}", 2000)
    if "accessory" in block:
        yield from _element(block["accessory"], "/accessory", usable)


def _header(block: Block, _usable: Usable) -> Iterator[tuple[str, str]]:
    yield from _text(block.get("text"), "/text", 150, plain=True)


def _image(block: Block, usable: Usable) -> Iterator[tuple[str, str]]:
    alt = block.get("alt_text")
    if not isinstance(alt, str) or not alt:
        yield "", "missing required field: alt_text"
    elif len(alt) > 2000:
        yield "/alt_text", "must be less than 2001 characters"
    if "title" in block:
        yield from _text(block["title"], "/title", 2000, plain=True)
    if ("image_url" in block) == ("slack_file" in block):
        yield "", "must provide either image_url or slack_file"
    elif "slack_file" in block:
        file = block["slack_file"].get("id", "") if isinstance(block["slack_file"], dict) else ""
        if not FILE_ID.fullmatch(str(file)):
            yield "/slack_file/id", "input must match regex pattern: ^[F][A-Z0-9]{8,}$"
        elif not usable(file):
            yield "/slack_file", "invalid slack file"


def _context(block: Block, usable: Usable) -> Iterator[tuple[str, str]]:
    elements = block.get("elements", [])
    if not 1 <= len(elements) <= 10:
        yield "/elements", "must have between 1 and 10 items"
    for index, one in enumerate(elements):
        where = f"/elements/{index}"
        yield from _element(one, where, usable) if one.get("type") == "image" else _text(one, where, 3000)


def _actions(block: Block, usable: Usable) -> Iterator[tuple[str, str]]:
    elements = block.get("elements", [])
    if not 1 <= len(elements) <= 25:
        yield "/elements", "must have between 1 and 25 items"
    for index, one in enumerate(elements):
        yield from _element(one, f"/elements/{index}", usable)


def _divider(_block: Block, _usable: Usable) -> Iterator[tuple[str, str]]:
    yield from ()


def _element(one: Block, where: str, usable: Usable) -> Iterator[tuple[str, str]]:
    if one.get("type") == "image":
        yield from ((where + deeper, words) for deeper, words in _image(one, usable))
    elif one.get("type") == "button":
        yield from _text(one.get("text"), f"{where}/text", 75, plain=True)
        if len(str(one.get("url", ""))) > 3000:
            yield f"{where}/url", "must be less than 3001 characters"
    else:
        yield where, f"unsupported type: {one.get('type')}"


def _text(one: Any, where: str, most: int, *, plain: bool = False) -> Iterator[tuple[str, str]]:
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    if not isinstance(one, dict) or one.get("type") not in kinds or not isinstance(one.get("text"), str):
        yield where, "invalid text object"
    elif not one["text"]:
        yield f"{where}/text", "must be more than 0 characters"
    elif len(one["text"]) > most:
        yield f"{where}/text", f"must be less than {most + 1} characters"


_CHECKS: dict[str, Callable[[Block, Usable], Iterator[tuple[str, str]]]] = {
    "section": _section,
    "header": _header,
    "image": _image,
    "context": _context,
    "actions": _actions,
    "divider": _divider,
}
