"""What is worked out once in place of every time (local/aws/once.py) comes out the same."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import moto
import moto.backends
import moto.core.responses
import moto.moto_server.werkzeug_app
import moto.stepfunctions.parser.asl.parse.asl_parser
import moto.stepfunctions.parser.asl.utils.json_path
import moto.stepfunctions.parser.backend.execution_worker
import pytest

from local.aws import once

modules: Any = moto
parser: Any = moto.stepfunctions.parser.asl.parse.asl_parser
paths: Any = moto.stepfunctions.parser.asl.utils.json_path


@pytest.fixture(autouse=True)
def remembered() -> None:
    once.remember()


def machine(text: str) -> Any:
    return parser.AmazonStateLanguageParser.parse(text)


def test_every_run_of_a_machine_has_states_of_its_own() -> None:
    text = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    (first, first_tree), (second, second_tree) = machine(text), machine(text)
    assert first_tree is second_tree
    assert type(first) is type(second)
    assert first is not second
    assert first.states.states["Done"] is not second.states.states["Done"]


def test_machines_of_other_words_are_other_machines() -> None:
    first, second = (
        json.dumps({"StartAt": name, "States": {name: {"Type": "Succeed"}}}) for name in ("First", "Second")
    )
    assert [list(machine(text)[0].states.states) for text in (first, second)] == [["First"], ["Second"]]


def test_a_machine_that_cannot_be_read_is_refused_every_time() -> None:
    for _ in range(2):
        with pytest.raises(parser.ASLParserException):
            machine('{"StartAt": }')


def test_a_path_finds_what_is_there_now() -> None:
    assert [paths.extract_json("$.a", {"a": value}) for value in (1, 2)] == [1, 2]


def test_the_services_are_those_of_motos_folder() -> None:
    folders = [one.name for one in Path(moto.__file__).parent.iterdir() if one.is_dir()]
    assert sorted(moto.backends.list_of_moto_modules()) == sorted(name for name in folders if name[:2] != "__")


def test_moto_still_asks_for_what_is_remembered() -> None:
    """Else nothing would be quicker, and nobody would notice."""
    assert "backends.list_of_moto_modules()" in inspect.getsource(modules.moto_server.werkzeug_app)
    worker = modules.stepfunctions.parser.backend.execution_worker
    assert "AmazonStateLanguageParser.parse(" in inspect.getsource(worker)
    assert "input_expr = parse(path)" in inspect.getsource(paths.extract_json)
    assert "method_names_from_class(self.__class__)" in inspect.getsource(modules.core.responses.BaseResponse)
