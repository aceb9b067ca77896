"""Every source file keeps the rules of ``tests/tidy/rules.py``, and those catch what they say."""

from pathlib import Path

import pytest

from tests.tidy import rules

PROJECT = Path(__file__).resolve().parents[2]
SOURCE_FOLDERS = (
    "spec",
    "kernel",
    "invariants",
    "runtime",
    "tests",
    "benchmarks",
    "docs",
    "examples",
)
BUILT_FOLDERS = {"_build", "__pycache__"}


def source_files() -> list[Path]:
    found = list(PROJECT.glob("*.py"))
    for folder in SOURCE_FOLDERS:
        found += (PROJECT / folder).rglob("*.py")
    relative = [path.relative_to(PROJECT) for path in found]
    return sorted(path for path in relative if not BUILT_FOLDERS & set(path.parts))


@pytest.mark.parametrize("path", source_files(), ids=str)
def test_file_is_tidy(path: Path) -> None:
    source = (PROJECT / path).read_text(encoding="utf-8")
    found = rules.check(source, rules.layer_of(path))
    report = "\n".join(f"{path}:{each.line}: {each.rule}: {each.text}" for each in found)
    assert not found, f"\n{report}"


def test_every_pure_layer_has_files() -> None:
    layers = {rules.layer_of(path) for path in source_files()}
    assert layers >= set(rules.LAYER_IMPORTS)


def rules_broken(source: str, layer: str | None = "kernel") -> list[str]:
    return [violation.rule for violation in rules.check(source, layer)]


@pytest.mark.parametrize(
    "module",
    [
        "time",
        "random",
        "uuid",
        "datetime",
        "pickle",
        "os",
        "os.path",
        "io",
        "sys",
        "threading",
        "asyncio",
        "socket",
        "logging",
        "decimal",
        "numpy",
        "importlib",
    ],
)
@pytest.mark.parametrize("layer", rules.PURE_LAYERS)
def test_pure_layers_import_nothing_impure(module: str, layer: str) -> None:
    assert rules_broken(f"import {module}", layer) == ["import"]
    assert rules_broken(f"from {module} import anything", layer) == ["import"]
    assert rules_broken(f"def f():\n    import {module} as hidden", layer) == ["import"]
    assert rules_broken(f"import {module}", "runtime") == []


@pytest.mark.parametrize("module", sorted(rules.PURE_IMPORTS - {"__future__"}))
def test_pure_layers_may_import_the_listed_modules(module: str) -> None:
    assert rules_broken(f"import {module}") == []


@pytest.mark.parametrize(
    ("layer", "allowed"),
    [
        ("spec", "spec"),
        ("kernel", "spec kernel"),
        ("venue", "spec kernel venue"),
        ("invariants", "spec kernel venue invariants"),
        ("runtime", "spec kernel venue invariants runtime"),
    ],
)
def test_layers_import_only_what_they_rest_on(layer: str, allowed: str) -> None:
    for target in rules.LAYER_IMPORTS:
        expected = [] if target in allowed.split() else ["import"]
        assert rules_broken(f"import tickproof.{target}.part", layer) == expected
        assert rules_broken(f"from tickproof.{target}.part import name", layer) == expected
        assert rules_broken(f"from tickproof import {target}", layer) == expected


def test_relative_and_bare_imports_are_refused() -> None:
    assert rules_broken("from . import orders") == ["import"]
    assert rules_broken("import tickproof") == ["import"]


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("x = 0.5", "float"),
        ("x = 1e3", "float"),
        ("x = 2j", "float"),
        ("x = float(1)", "float"),
        ("def f(x: float) -> None: ...", "float"),
        ("x = 4 / 2", "true-division"),
        ("x = 4\nx /= 2", "true-division"),
        ("from operator import truediv", "true-division"),
        ("import operator\nx = operator.truediv(4, 2)", "true-division"),
        ("x = hash('a')", "call"),
        ("x = id('a')", "call"),
        ("x = eval('1')", "call"),
        ("exec('x = 1')", "call"),
        ("open('file')", "call"),
        ("print('x')", "call"),
        ("x = __import__('time')", "call"),
        ("assert True", "assert"),
        ("def f():\n    global x\n    x = 1", "global"),
        ("for x in {1, 2}: ...", "set-order"),
        ("for x in set([1, 2]): ...", "set-order"),
        ("x = [y for y in frozenset((1, 2))]", "set-order"),
        ("x = [y for y in {z for z in (1, 2)}]", "set-order"),
        ("x = tuple({1, 2})", "set-order"),
        ("x = [*{1, 2}]", "set-order"),
        ("x = next(iter({1, 2}))", "set-order"),
        ("x = ''.join({'a', 'b'})", "set-order"),
        ("is_live = True", "runner-word"),
        ("class BacktestVenue: ...", "runner-word"),
        ("def run_backtest(): ...", "runner-word"),
        ("def f(live): ...", "runner-word"),
        ("f(live=True)", "runner-word"),
        ("x = mode.LIVE", "runner-word"),
        ("from tickproof.kernel.live_book import Book", "runner-word"),
    ],
)
def test_planted_violation_is_found_in_pure_layers_only(source: str, rule: str) -> None:
    assert rules_broken(source) == [rule]
    assert rules_broken(source, "runtime") == []
    assert rules_broken(source, None) == []


@pytest.mark.parametrize(
    "source",
    [
        "x = 4 // 2",
        "x = sorted({1, 2})",
        "x = 1 in {1, 2}",
        "x = len(set([1, 2]))",
        "alive = deliver = olive = True",
        "'a backtest or a live run is the same to this table'",
        "self.open(1)",
        "order_id = 1",
    ],
)
def test_lookalikes_are_left_alone(source: str) -> None:
    assert rules_broken(source) == []


@pytest.mark.parametrize("layer", [None, "runtime", "spec"])
def test_sizes_hold_everywhere(layer: str | None) -> None:
    body = "    x = 1\n"
    assert rules_broken("def f():\n" + body * 69, layer) == []
    assert rules_broken("def f():\n" + body * 70, layer) == ["function-length"]
    assert rules_broken("async def f():\n" + body * 70, layer) == ["function-length"]
    assert rules_broken("#" * 100, layer) == []
    assert rules_broken("#" * 101, layer) == ["line-length"]


def test_an_exemption_needs_a_reason_a_rule_and_something_to_exempt() -> None:
    allowed = "x = 4 / 2  # tidy: allow true-division because this is a test"
    assert rules_broken(allowed) == []
    assert rules_broken("x = 4 / 2  # tidy: allow true-division") == ["exemption", "true-division"]
    assert rules_broken("x = 4 / 2  # tidy: allow true-division because ") == [
        "exemption",
        "true-division",
    ]
    assert rules_broken("x = 4 / 2  # tidy: allow float because wrong rule") == [
        "exemption",
        "true-division",
    ]
    assert rules_broken("x = 4  # tidy: allow float because it was once") == ["exemption"]
    assert rules_broken("text = '# tidy: allow float'") == []


def test_layers_are_read_from_the_path() -> None:
    assert rules.layer_of(Path("kernel/tickproof/venue/match.py")) == "venue"
    assert rules.layer_of(Path("spec/tickproof/spec/orders/life.py")) == "spec"
    assert rules.layer_of(Path("tests/spec/test_table.py")) is None
