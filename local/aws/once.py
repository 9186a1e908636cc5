"""What moto works out anew at every call though the answer is always the same, worked out once (moto 5.2.5).

Unlike the hooks (hooks.py), these change nothing that moto does, so that they are never taken back:

- Step Functions' engine reads the text of a machine at each execution, with a parser that takes a fifth of a second;
  the tree that it makes of it is only ever read. It reads each JSONPath anew as well, some twenty in a run.
- The server looks through moto's folder at each request, for the services that there are.
- A service lists its own methods at each call, for the one that was asked for.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import moto.backends
import moto.core.responses
import moto.stepfunctions.parser.asl.parse.asl_parser
import moto.stepfunctions.parser.asl.utils.json_path

backends: Any = moto.backends
responses: Any = moto.core.responses
machines: Any = moto.stepfunctions.parser.asl.parse.asl_parser
paths: Any = moto.stepfunctions.parser.asl.utils.json_path


@cache
def remember() -> None:
    _trees_of_machines()
    paths.parse = lru_cache(1024)(paths.parse)
    modules = tuple(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules
    responses.method_names_from_class = cache(responses.method_names_from_class)


def _trees_of_machines() -> None:
    parser = machines.AmazonStateLanguageParser
    real = parser.parse

    @lru_cache(64)
    def tree(definition: str) -> Any:
        return real(definition)[1]

    def parse(definition: str) -> tuple[Any, Any]:
        """What is run is made anew of the tree, for it keeps things about its execution."""
        found = tree(definition)
        return machines.Preprocessor().visit(found), found

    parser.parse = staticmethod(parse)
