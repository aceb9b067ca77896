"""Settings: precedence, what is refused and where it says it is, and the way to a file and back."""

import string
import tomllib
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tickproof.runtime.errors import InputError
from tickproof.runtime.settings import (
    CHOICES,
    DEFAULTS,
    ENVIRONMENT_PREFIX,
    OTHER_VARIABLES,
    SIMPLE,
    BucketSettings,
    ColumnSettings,
    RiskSettings,
    Settings,
    checked,
    duration_ns,
    fraction_e8,
    from_table,
    settings_of,
    to_table,
    to_toml,
)
from tickproof.spec.venue_rules import VenueRules

NOTHING: dict[str, str] = {}

# --- precedence ----------------------------------------------------------------------------------

OTHERS: dict[str, tuple[Any, Any, Any]] = {
    "strategy": ("ema-cross", "buy-and-hold", "a.py:B"),
    "fill_model": ("calibrated", "optimistic", "calibrated"),
    "on_gap": ("resync", "stop", "resync"),
    "format": ("kraken", "okx", "kraken"),
    "multiplier": (50, 20, 5),
    "feed": ("per_event", "conflated", "per_event"),
    "funding": ("paid", "off", "paid"),
    "fee_asset": ("received", "quote", "received"),
    "fee_per_contract": ("0.1", "0.2", "0.3"),
    "feed_latency": ("1ms", "recorded", "3ms"),
    "clock_offset": ("auto", "2ms", "auto"),
    "on_strategy_error": ("disable", "halt", "disable"),
    "on_contradiction": ("halt", "surface", "halt"),
    "maker_fee": ("0.1", "0.2", "0.3"),
    "taker_fee": ("0.1", "0.2", "0.3"),
    "margin": ("0.1", "0.2", "0.3"),
    "balance_quote": ("1", "2", "3"),
    "balance_base": ("1", "2", "3"),
    "checkpoint_every": (1, 2, 3),
    "check": ("every", "sampled", "off"),
    "check_every": (1, 2, 3),
}
"""Values for a file, the environment and a flag; durations where nothing else is said."""


def file_of(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", SIMPLE)
def test_flag_over_environment_over_file_over_default(tmp_path: Path, name: str) -> None:
    in_file, in_environment, flag = OTHERS.get(name, ("1ms", "2ms", "3ms"))
    value = in_file if isinstance(in_file, int) else f'"{in_file}"'
    path = file_of(tmp_path, f"{name} = {value}\n")
    environment = {f"TICKPROOF_{name.upper()}": str(in_environment)}

    assert getattr(settings_of({}, None, NOTHING), name) == getattr(DEFAULTS, name)
    assert getattr(settings_of({}, path, NOTHING), name) == in_file
    assert getattr(settings_of({}, path, environment), name) == in_environment
    assert getattr(settings_of({name: flag}, path, environment), name) == flag
    assert getattr(settings_of({name: None}, path, environment), name) == in_environment


def test_parameters_are_taken_together_and_data_as_a_whole(tmp_path: Path) -> None:
    path = file_of(
        tmp_path, '[param]\nsize = 1\nword = "a"\n[data]\nBTCUSDT = "a.gz"\nETHUSDT = ["b", "c"]\n'
    )
    from_file = settings_of({}, path, NOTHING)
    assert from_file.data == {"BTCUSDT": ("a.gz",), "ETHUSDT": ("b", "c")}
    flags = {"param": {"size": 2}, "data": {"": ("d.gz",)}}
    both = settings_of(flags, path, NOTHING)
    assert both.param == {"size": 2, "word": "a"}
    assert both.data == {"": ("d.gz",)}


def test_variables_of_the_build_and_the_tests_are_no_settings() -> None:
    assert {"COMPILE", "DATA", "PURE"} <= set(OTHER_VARIABLES)
    others = {ENVIRONMENT_PREFIX + name: "1" for name in OTHER_VARIABLES}
    assert settings_of({}, None, {**others, "OTHER": "1"}) == DEFAULTS


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ('latensy = "5ms"', 1, "latensy: expected a known key ("),
        ('\n\nlatency = "5"', 3, "latency: expected a duration such as 5ms"),
        ("latency = 5", 1, "latency: expected text, got 5"),
        ('latency = "99999999h"', 1, "latency: expected at most"),
        ('checkpoint_every = "many"', 1, "checkpoint_every: expected an integer"),
        ("checkpoint_every = true", 1, "checkpoint_every: expected an integer"),
        ("checkpoint_every = 0", 1, "checkpoint_every: expected a positive number"),
        ("checkpoint_every = 9223372036854775808", 1, "checkpoint_every: expected an integer fr"),
        ('fill_model = "hopeful"', 1, "fill_model: expected one of pessimistic, calibrated"),
        ('taker_fee = "0.04%"', 1, "taker_fee: expected a decimal fraction"),
        ('taker_fee = "1.1"', 1, "taker_fee: expected a fraction from -1 to 1"),
        ('margin = "-0.1"', 1, "margin: expected a fraction from 0 to 1"),
        ('balance_quote = "-5"', 1, "balance_quote: expected a whole number"),
        ("[param]\nsize = 1\nhalf = 0.5", 3, "param.half: expected an integer or text, got 0.5"),
        ("param = 1", 1, "param: expected a table [param]"),
        ("[risk]\n\nmaximum_loss = -1", 3, "risk.maximum_loss: expected an integer from 0"),
        ("[risk]\nmaximum_los = 1", 2, "risk.maximum_los: expected a known key ("),
        ('[risk]\nmaximum_loss = "1"', 2, "risk.maximum_loss: expected an integer, got '1'"),
        ("risk.self_trade_refused = 2", 1, "risk.self_trade_refused: expected 0 or 1"),
        ("[venue.X]\nmarket_step = -1", 2, "venue.X.market_step: expected an integer from 0"),
        ("[venue.X]\nmarket_stop = 1", 2, "venue.X.market_stop: expected a known key ("),
        (
            "[venue.X]\nbid_up_e4 = 9\nbid_down_e4 = 10",
            2,
            "venue.X.bid_up_e4: expected at least bid_down_e4",
        ),
        ("[bucket]\nname = 1", 1, "bucket: expected an array of tables [[bucket]]"),
        ('[[bucket]]\nname = "a"', 1, "bucket: expected all required keys"),
        (
            '[[bucket]]\nname = "a"\ncapacity = 0\nrefill = 1\ninterval = "1s"',
            3,
            "bucket.capacity: expected a positive number",
        ),
        (
            '[[bucket]]\nname = "a"\ncapacity = 5\nrefill = 1\ninterval = "0s"',
            5,
            "bucket.interval: expected above 0",
        ),
        (
            '[[bucket]]\nname = "a"\ncapacity = 5\nrefill = 1\ninterval = "1s"\nreserve = 5',
            3,
            "bucket.capacity: expected at least every cost",
        ),
        ("[data]\nX = 5", 2, "data.X: expected a file or a list of files"),
        ("[data]\nX = []", 2, "data.X: expected a file or a list of files"),
        ('[columns.X]\nrows = "trades"', 1, "columns.X: expected all required keys"),
        (
            '[columns.X]\nrows = "tirades"\nmap = { time = "t" }',
            2,
            "columns.X.rows: expected one of trades, bars, book",
        ),
        (
            '[columns.X]\nrows = "trades"\nmap = { time = 1 }',
            3,
            "columns.X.map: expected a table of texts",
        ),
        (
            '[columns.X]\nrows = "trades"\nmap = { time = "t" }\nunits = 1',
            4,
            "columns.X.units: expected true or false",
        ),
        (
            '[columns.X]\nrows = "trades"\nmap = { time = "t" }\nsplit = ";"',
            4,
            "columns.X.split: expected a known key (",
        ),
        (
            '[columns.X]\nrows = "trades"\nmap = { time = "t" }\nbase = "X"',
            4,
            "columns.X.base: expected both base and quote",
        ),
        ("latency = ", 1, "file: expected valid TOML"),
        ("a = 1\na = 2", 2, "file: expected valid TOML"),
    ],
)
def test_a_file_that_is_wrong_says_where(tmp_path: Path, text: str, line: int, told: str) -> None:
    path = file_of(tmp_path, text)
    with pytest.raises(InputError) as caught:
        settings_of({}, path, NOTHING)
    assert str(caught.value).startswith(f"{path}:{line}: {told}"), str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("TICKPROOF_LATENSY", "5ms", "environment TICKPROOF_LATENSY: expected a known variable"),
        ("TICKPROOF_latency", "5ms", "environment TICKPROOF_latency: expected a known variable"),
        ("TICKPROOF_PARAM", "a=1", "environment TICKPROOF_PARAM: expected a known variable"),
        ("TICKPROOF_LATENCY", "5", "environment TICKPROOF_LATENCY: expected a duration"),
        ("TICKPROOF_CHECKPOINT_EVERY", "x", "environment TICKPROOF_CHECKPOINT_EVERY: expected an"),
        ("TICKPROOF_FILL_MODEL", "", "environment TICKPROOF_FILL_MODEL: expected one of"),
    ],
)
def test_a_variable_that_is_wrong_is_named(variable: str, value: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        settings_of({}, None, {variable: value})
    assert str(caught.value).startswith(told)


def test_a_flag_that_is_wrong_is_named() -> None:
    with pytest.raises(InputError, match=r"^--feed-latency: expected a duration"):
        settings_of({"feed_latency": "soon"}, None, NOTHING)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="an existing file"):
        settings_of({}, tmp_path / "none.toml", NOTHING)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="a readable text file"):
        settings_of({}, tmp_path / "bytes.toml", NOTHING)
    with pytest.raises(InputError, match="a readable text file"):
        settings_of({}, tmp_path, NOTHING)


def test_settings_made_by_a_program_are_checked_too() -> None:
    for changes in ({"latency": "5"}, {"param": {"a": 0.5}}, {"risk": RiskSettings(-1)}):
        with pytest.raises(InputError):
            checked(evolve(DEFAULTS, **changes))


# --- values --------------------------------------------------------------------------------------


@given(st.integers(0, 10**5), st.sampled_from(("ns", "us", "ms", "s", "m", "h")))
def test_durations_are_exact(number: int, unit: str) -> None:
    seconds = {"ns": -9, "us": -6, "ms": -3, "s": 0}
    value = duration_ns(f"{number}{unit}")
    if unit in seconds:
        assert value == number * 10 ** (9 + seconds[unit])
    else:
        assert value == duration_ns(f"{number * (60 if unit == 'm' else 3600)}s")


@given(st.integers(-(10**8), 10**8))
def test_fractions_are_exact(value: int) -> None:
    text = f"{'-' if value < 0 else ''}{abs(value) // 10**8}.{abs(value) % 10**8:08d}"
    assert fraction_e8(text, "x") == value
    assert fraction_e8(text + "000", "x") == value


@pytest.mark.parametrize("text", ["", ".", "-", "1e-4", "0.000000001", "+1", "٣", "0,1", "NaN"])
def test_what_is_no_fraction_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        fraction_e8(text, "x")


@pytest.mark.parametrize("text", ["", "5", "5 ms", "ms", "-5ms", "5.5ms", "5MS", "٣ms"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        duration_ns(text)


# --- and back ------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
NAMES = st.text(string.ascii_letters + string.digits + "_-/. ", min_size=1, max_size=8)
DURATION_TEXTS = st.builds("{}{}".format, st.integers(1, 999), st.sampled_from(("ms", "s", "us")))
COUNTS = st.integers(0, 2**63 - 1)

COLUMNS = st.builds(
    ColumnSettings,
    rows=st.sampled_from(("trades", "bars", "book")),
    map=st.dictionaries(NAMES, TEXTS, max_size=3),
    instrument=st.sampled_from(("spot", "linear")),
    time_unit=st.sampled_from(("s", "ms", "us", "ns")),
    units=st.booleans(),
    price_decimals=st.none() | st.integers(0, 8),
    quantity_decimals=st.none() | st.integers(0, 8),
    bar_interval=DURATION_TEXTS,
    volume_down=st.booleans(),
    delimiter=st.sampled_from(",;\t|"),
)
BUCKETS = st.builds(
    BucketSettings,
    name=TEXTS,
    capacity=st.integers(10, 2**63 - 1),
    refill=COUNTS,
    interval=DURATION_TEXTS,
    reserve=st.integers(0, 5),
)
ANY_SETTINGS = st.builds(
    Settings,
    strategy=TEXTS,
    fill_model=st.sampled_from(CHOICES["fill_model"]),
    latency=DURATION_TEXTS,
    checkpoint_every=st.integers(1, 2**63 - 1),
    param=st.dictionaries(NAMES, st.integers() | TEXTS, max_size=3),
    risk=st.builds(RiskSettings, maximum_loss=COUNTS, price_collar_e8=COUNTS),
    bucket=st.lists(BUCKETS, max_size=2).map(tuple),
    venue=st.dictionaries(NAMES, st.builds(VenueRules, market_step=COUNTS), max_size=2),
    columns=st.dictionaries(NAMES, COLUMNS, max_size=2),
    data=st.dictionaries(NAMES, st.lists(TEXTS, min_size=1, max_size=2).map(tuple), max_size=2),
)


@given(ANY_SETTINGS)
def test_a_file_says_the_same(settings: Settings) -> None:
    assert from_table(DEFAULTS, tomllib.loads(to_toml(settings))) == settings
    assert from_table(DEFAULTS, to_table(settings)) == settings


def test_the_defaults_say_the_same_as_nothing(tmp_path: Path) -> None:
    path = file_of(tmp_path, to_toml(DEFAULTS))
    assert settings_of({}, path, NOTHING) == DEFAULTS == Settings()
