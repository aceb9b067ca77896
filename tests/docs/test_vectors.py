"""Trace vectors: drawn from the code, complete, small, read by 50 lines that know nothing."""

import ast
import copy
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docs import trace_vectors
from tests.spec.order_strategies import orders, reports
from tickproof.spec import order_life
from tickproof.spec.digest import encode
from tickproof.spec.outputs import RecordKind
from tickproof.spec.queue_processing import Validity

VECTORS = Path(trace_vectors.FOLDER) / "vectors"
NAMES = ("order-life.json", "streams.json", "queue-processing.json")
BYTES_MAX = 300_000


def loaded(name: str, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((VECTORS / name).read_text(encoding="utf-8"), **options)
    return found


def reader(name: str) -> Any:
    """A reader as a module."""
    spec = importlib.util.spec_from_file_location(name, VECTORS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ORDER_LIFE = loaded("order-life.json")
READ = reader("read_vectors")

# --- the files -----------------------------------------------------------------------------------


def test_committed_vectors_are_what_the_code_gives(capsys: pytest.CaptureFixture[str]) -> None:
    assert trace_vectors.main(["--check"]) == 0, capsys.readouterr().out


def test_drift_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "vectors").mkdir()
    monkeypatch.setattr(trace_vectors, "FOLDER", tmp_path)
    for name in NAMES:
        text = (VECTORS / name).read_text(encoding="utf-8")
        (tmp_path / "vectors" / name).write_text(text.replace('"digest":"0', '"digest":"1'))
    (tmp_path / "vectors" / "streams.json").write_text(
        (VECTORS / "streams.json").read_text().replace('"chain":"1', '"chain":"2')
    )
    assert trace_vectors.main(["--check"]) == 1
    said = capsys.readouterr().out
    assert "order-life.json differs" in said
    assert "streams.json differs" in said
    assert trace_vectors.main([]) == 0
    assert (tmp_path / "vectors" / "streams.json").read_text() == (
        VECTORS / "streams.json"
    ).read_text()


def test_new_inputs_can_be_made() -> None:
    made = trace_vectors.stream_vectors(None)
    assert [len(each["positions"]) for each in made["streams"]] == [44, 44]
    assert len(trace_vectors.queue_vectors(None)["cases"]) == trace_vectors.CASES


def test_all_vectors_together_are_small() -> None:
    assert sum(path.stat().st_size for path in VECTORS.glob("*")) <= BYTES_MAX
    assert {path.name for path in VECTORS.glob("*.json")} == {*NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_every_number_is_exact_for_any_reader(name: str) -> None:
    def exact(text: str) -> int:
        assert abs(int(text)) <= 2**53
        return int(text)

    def never(text: str) -> None:
        raise AssertionError(text)

    found = loaded(name, parse_int=exact, parse_float=never, parse_constant=never)
    assert found["format"] == "tickproof vectors 1"
    assert f"{found['kind']}.json" == name


def test_every_rule_has_a_step_and_every_code_a_case() -> None:
    assert {each["rule"] for each in ORDER_LIFE["steps"]} == {r.id for r in order_life.TABLE.rules}
    kinds = {
        record[0]
        for stream in loaded("streams.json")["streams"]
        for position in stream["positions"]
        for record in position.get("records", [])
    }
    assert kinds == {int(kind) for kind in RecordKind} - {RecordKind.STRATEGY_FAILED}
    codes = {
        code
        for case in loaded("queue-processing.json")["cases"]
        for _, code in case["expected"]["withdrawn"]
    }
    assert codes == {int(code) for code in Validity} - {Validity.VALID}
    reasons = {
        case["expected"]["obligation"]["reason"]
        for case in loaded("queue-processing.json")["cases"]
    }
    assert len(reasons) >= 4


# --- the readers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "file", "said"),
    [
        ("read_vectors", "order-life.json", f"{len(ORDER_LIFE['steps'])} steps as expected"),
        ("read_streams", "streams.json", "stream 1: 44 positions as expected"),
    ],
)
def test_a_reader_that_knows_nothing_of_tickproof_agrees(name: str, file: str, said: str) -> None:
    command = [sys.executable, "-I", str(VECTORS / f"{name}.py")]
    text = (VECTORS / file).read_text(encoding="utf-8")
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert said in done.stdout


@pytest.mark.parametrize(("name", "most"), [("read_vectors", 50), ("read_streams", 60)])
def test_a_reader_is_short_and_imports_the_standard_library_only(name: str, most: int) -> None:
    source = (VECTORS / f"{name}.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    texts: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node):
            texts |= {*range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)}
        if isinstance(node, ast.Import | ast.ImportFrom):
            first = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
            assert str(first) in sys.stdlib_module_names
    lines = [n for n, line in enumerate(source.splitlines(), 1) if line.strip() and n not in texts]
    assert len(lines) <= most


SPOILT: dict[str, tuple[tuple[str | int, ...], Any]] = {
    "a target": (("table", "rules", 0, 4), 3),
    "an effect": (("table", "rules", 0, 3), "unchanged"),
    "a guard": (("table", "definitions", "gate_open"), [["order", "report"], 0]),
    "a state": (("steps", 0, "after", "price"), 10),
    "a digest": (("steps", 0, "digest"), "00"),
    "a rule": (("steps", 3, "rule"), "OL.WORKING.FILLED.fill_fresh"),
    "a report": (("steps", 0, "report", "total"), 5),
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_reader_notices(what: str) -> None:
    spoilt: Any = copy.deepcopy(ORDER_LIFE)
    (*path, last), value = SPOILT[what]
    place = spoilt
    for key in path:
        place = place[key]
    assert place[last] != value
    place[last] = value
    with pytest.raises((SystemExit, ValueError, KeyError)):
        READ.check(spoilt)


@pytest.mark.parametrize(
    ("key", "index", "value"), [("chain", 3, "00"), ("payload", 2, [9, 9]), ("records", 1, [])]
)
def test_a_reader_of_streams_notices(key: str, index: int, value: Any) -> None:
    stream = copy.deepcopy(loaded("streams.json")["streams"][0])
    positions = [each for each in stream["positions"] if key in each]
    positions[index][key] = value
    with pytest.raises(SystemExit):
        reader("read_streams").check(stream, "spoilt")


@settings(max_examples=80)
@given(data=st.data())
def test_the_rules_as_data_are_the_rules(data: st.DataObject) -> None:
    """Guards and effects as the reader understands them, beside those of the specification."""
    order = data.draw(orders())
    report = data.draw(reports(order))
    told = (trace_vectors.plain(order), trace_vectors.plain(report))
    rule, after = READ.step(*told, ORDER_LIFE["table"])
    expected, code = order_life.step(order, report)
    assert rule == order_life.TABLE.select(order.life, report.event, order, report).id
    assert (after is None) == (code != 0)
    if after is not None:
        assert after == trace_vectors.plain(expected)
        assert READ.encoded(after) == encode(expected)


def test_what_cannot_be_translated_is_an_error() -> None:
    def strange(order: Any) -> Any:
        while order:
            order -= 1

    with pytest.raises(trace_vectors.Untranslatable):
        trace_vectors.Translator(order_life).define(strange)
