"""The whole product as `make local` serves it, once for each process, and browsers for those who visit it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser import chromium
from tests.browser.looks import Looks
from tests.browser.place import Place, opened

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A parallel run has one place in each of its processes, to which it hands the files one by one."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")
            item.add_marker(pytest.mark.xdist_group(f"browser-{item.path.stem}"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    where = chromium.find()
    if where is None:
        pytest.skip(chromium.MISSING)
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=where, args=list(chromium.ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def looks() -> Looks:
    return Looks()


@pytest.fixture(scope="session")
def shared(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with opened(browser, tmp_path_factory.mktemp("system")) as place:
        yield place


@pytest.fixture
def place(shared: Place) -> Iterator[Place]:
    """The place as a test finds it: a workspace with nobody in it, nothing failing."""
    yield shared
    shared.leave()
    faults, shared.faults = shared.faults, []
    assert not faults, "\n".join(faults)


@pytest.fixture(autouse=True)
def nothing_wrong(looks: Looks) -> Iterator[None]:
    """What was looked at in this test holds up."""
    yield
    wrong, looks.wrong = looks.wrong, []
    assert not wrong, "\n".join(wrong)
