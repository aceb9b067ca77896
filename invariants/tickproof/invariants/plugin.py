"""pytest plugin: `pytest --tickproof-conformance` checks a venue adapter and a strategy.

What it decides: whose code is checked, and what appears as a test. Until the option is given this
module imports nothing of tickproof and nothing of Hypothesis, so that a plugin that is installed
costs a run without it nothing.

What is checked is named in any of three ways, all as `module:attribute` or `file.py:attribute`:

* in the ini file: `tickproof_venue_adapter = ...`, `tickproof_strategy = ...`, a line each;
* on the command line: `--tickproof-venue-adapter NAME`, `--tickproof-strategy NAME`;
* by hooks in a conftest: `pytest_tickproof_venue_adapters(config)` and
  `pytest_tickproof_strategies(config)`, each giving a list of names, or of (label, factory) pairs;
  a strategy given by a factory is not tried in fresh processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

OPTION = "tickproof_conformance"
KINDS = {"venue_adapter": "venue adapters", "strategy": "strategies"}


class Hooks:
    """Hooks of this plugin."""

    @pytest.hookspec
    def pytest_tickproof_venue_adapters(self, config: pytest.Config) -> list[Any]:
        """Names of venue adapter factories, or (label, factory) pairs."""
        raise NotImplementedError

    @pytest.hookspec
    def pytest_tickproof_strategies(self, config: pytest.Config) -> list[Any]:
        """Names of strategy factories, or (label, factory) pairs."""
        raise NotImplementedError


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the two hooks."""
    pluginmanager.add_hookspecs(Hooks)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and the ini keys."""
    group = parser.getgroup("tickproof", "conformance to tickproof")
    group.addoption(
        "--tickproof-conformance",
        action="store_true",
        dest=OPTION,
        help="check the venue adapters and strategies that are named",
    )
    for kind, called in KINDS.items():
        flag = f"--tickproof-{kind.replace('_', '-')}"
        text = f"{called} to check, module:attribute or file.py:attribute"
        group.addoption(flag, action="append", default=[], dest=f"tickproof_{kind}", metavar="NAME")
        parser.addini(f"tickproof_{kind}", text, type="linelist", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """With the option: room for what the checks rested on."""
    if config.getoption(OPTION):
        config.stash[REPORTS] = []


REPORTS = pytest.StashKey[list[str]]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """With the option: a test for each topic of each thing that is named."""
    if not config.getoption(OPTION):
        return
    made = list(_items(session, config))
    if not made:
        raise pytest.UsageError(
            "--tickproof-conformance: name a venue adapter or a strategy: tickproof_venue_adapter "
            "or tickproof_strategy in the ini file, the options of that name, or a hook"
        )
    items.extend(made)


def _items(session: pytest.Session, config: pytest.Config) -> Iterator[pytest.Item]:
    from tickproof.invariants import (  # noqa: PLC0415 - nothing is imported until asked for
        strategy_conformance,
        venue_conformance,
    )

    hooks = {
        "venue_adapter": config.hook.pytest_tickproof_venue_adapters,
        "strategy": config.hook.pytest_tickproof_strategies,
    }
    topics = {
        "venue_adapter": venue_conformance.TOPICS,
        "strategy": strategy_conformance.TOPICS,
    }
    for kind in KINDS:
        named: list[Any] = [
            *config.getini(f"tickproof_{kind}"),
            *config.getoption(f"tickproof_{kind}"),
        ]
        for given in hooks[kind](config=config):
            named += given
        for each in named:
            label, factory = (each, None) if isinstance(each, str) else each
            subject = Subject(kind, label, factory, config)
            parent = Collected.from_parent(
                session,
                name=f"{kind.replace('_', ' ')} {label}",
                nodeid=f"tickproof {kind} {label}",
            )
            for topic in topics[kind]:
                yield Topic.from_parent(parent, name=topic, subject=subject)


class Subject:
    """One thing that is checked, once, when its first test runs."""

    def __init__(
        self, kind: str, label: str, factory: Callable[[], Any] | None, config: pytest.Config
    ) -> None:
        self.kind = kind
        self.label = label
        self.factory = factory
        self.config = config
        self.report: Any = None

    def checked(self) -> Any:
        """The report; what loading or running raises passes through, each time."""
        if self.report is not None:
            return self.report
        from tickproof.invariants import (  # noqa: PLC0415 - nothing is imported until asked for
            strategy_conformance,
            venue_conformance,
        )

        factory, name = self.factory, ""
        if factory is None:
            try:
                factory, name = strategy_conformance.load(self.label), self.label
            except strategy_conformance.Unloadable as error:
                raise NotConforming(str(error)) from error
        if self.kind == "strategy":
            self.report = strategy_conformance.check_strategy(factory, name)
            said = (
                f"{self.report.decisions} Intents and timers at {self.report.positions} positions, "
                f"{self.report.replays} replays"
            )
        else:
            self.report = venue_conformance.check_adapter(factory)
            said = (
                f"{self.report.requests} Requests, {self.report.events} Events, "
                f"{len(self.report.rows)} rows reached: {', '.join(self.report.rows)}"
            )
        self.config.stash[REPORTS].append(f"{self.kind.replace('_', ' ')} {self.label}: {said}")
        return self.report


class NotConforming(Exception):
    """Findings, as text."""


class Collected(pytest.Collector):
    """Everything about one subject; it is not collected, its items are made with it."""

    def collect(self) -> list[pytest.Item]:
        """Nothing: the items are there already."""
        return []


class Topic(pytest.Item):
    """One topic of one subject: passes when there is no finding of it."""

    def __init__(self, *, subject: Subject, **given: Any) -> None:
        super().__init__(**given)
        self.subject = subject

    def runtest(self) -> None:
        """Fail with the findings of this topic."""
        from tickproof.invariants.findings import told  # noqa: PLC0415 - as above

        report = self.subject.checked()
        mine = [finding for finding in report.findings if finding.topic == self.name]
        if mine:
            raise NotConforming(told(mine))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Findings as they are; anything else with its traceback."""
        if isinstance(excinfo.value, NotConforming):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[str, int | None, str]:
        """Where a report says this test is."""
        return "tickproof", None, f"{self.subject.label}: {self.name}"


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """What the checks rested on: a check that met nothing says nothing."""
    for line in config.stash.get(REPORTS, []):
        terminalreporter.write_line(f"tickproof: {line}")
