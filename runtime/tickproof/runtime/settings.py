"""What a run is told: every setting with its default, its type and where it came from.

Precedence is flag, then environment, then file, then default. A key nobody knows is refused, and
so is a value of the wrong type or meaning; the refusal names the file and line, the variable or
the flag. `tickproof config --defaults` prints the file that says the same as saying nothing.

A setting here is text or an integer as its author wrote it; units become integers of the spec in
`tickproof.runtime.backtest`, where the instruments are known.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, evolve, field, fields, frozen

from tickproof.invariants.monitor import CheckLevel
from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.formats import FORMATS
from tickproof.runtime.readers.tabular import FIELDS, TIME_DECIMALS
from tickproof.spec.configuration import OnContradiction, OnStrategyError
from tickproof.spec.events import INT64_MAX
from tickproof.spec.instrument import InstrumentKind
from tickproof.spec.price_queue import FillModel
from tickproof.spec.venue_rules import VenueRules

ENVIRONMENT_PREFIX = "TICKPROOF_"

OTHER_VARIABLES = (
    "COMPILE",
    "COMPILE_STRICT",
    "DATA",
    "EXPECTED_BUILD",
    "HYPOTHESIS_PROFILE",
    "PURE",
    "REQUIRE_DATA",
)
"""Variables with our prefix that are no settings: they belong to the build and the tests."""

DURATION = re.compile(r"(\d{1,19})(ns|us|ms|s|m|h)?", re.ASCII)
DURATION_NS = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
DURATION_MAX_NS = 10**18
"""About 31 years: a stamp and a few durations are within int64."""

FRACTION = re.compile(r"(-?)(\d{0,9})(?:\.(\d{0,8})0*)?", re.ASCII)
FRACTION_E8 = 10**8
DECIMAL = re.compile(r"(\d{0,15})(?:\.(\d{0,18}))?", re.ASCII)
BALANCE_DIGITS_MAX = 15


@frozen
class RiskSettings:
    """Limits of `spec.configuration.RiskLimits`; lots, quote asset units, parts of 10**8."""

    price_collar_e8: int = 0
    maximum_quantity: int = 0
    maximum_notional: int = 0
    maximum_position: int = 0
    maximum_open_orders: int = 0
    maximum_gross: int = 0
    maximum_net: int = 0
    maximum_loss: int = 0
    maximum_drawdown: int = 0
    self_trade_refused: int = 1


@frozen
class BucketSettings:
    """One rate bucket of `spec.configuration.Bucket`; `interval` is a duration."""

    name: str
    capacity: int
    refill: int
    interval: str
    cost_new: int = 1
    cost_replace: int = 1
    cost_cancel: int = 1
    reserve: int = 0


@frozen
class FeeTierSettings:
    """Rates of an account once it has traded `traded` whole units of the quote asset in the run.

    `maker`, `taker`: decimal fractions of the notional.
    """

    traded: str
    maker: str
    taker: str


@frozen
class FeeDiscountSettings:
    """Fees taken in another asset: no asset, none. See `tickproof.spec.fees`.

    `price`: quote asset units one whole unit of `asset` counts for. `discount`: the part of the fee
    that is let off, a decimal fraction. `balance`: what the account starts with, whole units.
    """

    asset: str = ""
    price: str = "1"
    discount: str = "0"
    balance: str = "0"


@frozen
class DelaySettings:
    """Delays in place of `latency`: of each kind of Request, and of answers.

    One duration is a constant; several are quantiles at equal steps of probability, from the least
    to the most, and `seed` draws between them. What is not given is `latency`. `file`: recorded
    delays instead, a table of `time_ns`, `request_ns`, `response_ns`, or of `req_ts`, `exch_ts`,
    `resp_ts` as hftbacktest has them.
    """

    new: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    cancel: tuple[str, ...] = ()
    response: tuple[str, ...] = ()
    seed: int = 0
    file: str = ""


@frozen
class ColumnSettings:
    """How a symbol's own table is to be read; see `readers.tabular`.

    `rows`: trades, bars or book. `map`: field -> column of the file. `instrument`: spot or
    linear. `base`, `quote`: the assets, where the symbol does not tell. The grid is declared by
    `price_decimals` and `quantity_decimals`, else the coarsest that fits.
    """

    rows: str
    map: Mapping[str, str]
    instrument: str = "spot"
    base: str = ""
    quote: str = ""
    time_unit: str = "ns"
    units: bool = False
    price_decimals: int | None = None
    quantity_decimals: int | None = None
    bar_interval: str = "0ms"
    volume_down: bool = False
    delimiter: str = ","


@frozen
class Settings:
    """A run's settings.

    `format`: what the files are, for symbols without a column map; auto goes by their endings.
    `multiplier`: what one price unit of one contract is worth, where files do not say.
    `feed`: what is declared of how levels are told, else what the reader declares; by_order: as
    that, with the orders themselves beside the levels, where the files name them.
    `latency`: of requests and of responses, each; `delay`: of each kind apart. `feed_latency`: from
    capture to the kernel; recorded: from Event Time to capture. `clock_offset`: what is added to
    capture stamps, auto: as much as puts nothing before it happened. Durations are a number and a
    unit: 5ms, 250us, 1s. `maker_fee`, `taker_fee`: decimal fractions of the notional; `fee_asset`:
    quote or received; `fee_per_contract`: quote asset units for each unit of quantity, beside the
    rates; `fee_tier`, `fee_discount`: other rates, another asset. `balance_quote`, `balance_base`:
    what the account starts with, in whole units of each asset. `funding`: whether futures are paid
    funding from the marks and rates of the stream, which are read only then. `margin`: initial
    margin of futures, a decimal fraction.
    `check`: which steps are held against the invariants while the run goes on, off, sampled (those
    to every `check_every`-th position) or every; no result depends on it.
    `checkpoint_every`: positions between digests kept in the run folder. `param`: the strategy's
    parameters. `venue`: further filters of the simulated venue by symbol. `columns`: column maps by
    symbol. `data`: files by symbol, "" for a symbol that
    its files name.
    """

    strategy: str = "quoter"
    fill_model: str = "pessimistic"
    latency: str = "0ms"
    feed_latency: str = "0ms"
    clock_offset: str = "0ms"
    on_gap: str = "stop"
    format: str = "auto"
    multiplier: int = 1
    feed: str = "as_read"
    maker_fee: str = "0"
    taker_fee: str = "0"
    funding: str = "off"
    fee_asset: str = "quote"
    fee_per_contract: str = "0"
    balance_quote: str = "1000000000"
    balance_base: str = "1000000"
    margin: str = "1"
    on_strategy_error: str = "halt"
    on_contradiction: str = "surface"
    acknowledgement_timeout: str = "0ms"
    cancel_deadline: str = "1s"
    settling_time: str = "1s"
    jump_limit: str = "24h"
    checkpoint_every: int = 16384
    check: str = "off"
    check_every: int = 1024
    param: Mapping[str, int | str] = field(factory=dict)
    risk: RiskSettings = field(factory=RiskSettings)
    bucket: tuple[BucketSettings, ...] = ()
    venue: Mapping[str, VenueRules] = field(factory=dict)
    fee_tier: tuple[FeeTierSettings, ...] = ()
    fee_discount: FeeDiscountSettings = field(factory=FeeDiscountSettings)
    delay: DelaySettings = field(factory=DelaySettings)
    columns: Mapping[str, ColumnSettings] = field(factory=dict)
    data: Mapping[str, tuple[str, ...]] = field(factory=dict)


TABLES = (
    "param",
    "risk",
    "bucket",
    "fee_tier",
    "fee_discount",
    "delay",
    "venue",
    "columns",
    "data",
)
"""Settings that are tables of a file."""

LISTED: dict[str, type] = {"bucket": BucketSettings, "fee_tier": FeeTierSettings}
"""Settings that are arrays of tables."""

RECORDS: dict[str, type] = {
    "risk": RiskSettings,
    "fee_discount": FeeDiscountSettings,
    "delay": DelaySettings,
}
"""Settings that are one table of known keys."""

DELAYED = ("new", "replace", "cancel", "response")
"""Keys of `DelaySettings` that are durations."""

SIMPLE = tuple(each.name for each in fields(Settings) if each.name not in TABLES)
"""Settings that are one value, which flags and the environment may give."""

BY_ORDER = "by_order"
"""The `feed` that gives orders beside levels."""

CHOICES: dict[str, tuple[str, ...]] = {
    "fill_model": tuple(model.name.lower() for model in FillModel),
    "on_gap": ("stop", "resync"),
    "format": ("auto", *FORMATS),
    "feed": ("as_read", "conflated", "per_event", BY_ORDER),
    "fee_asset": ("quote", "received"),
    "funding": ("off", "paid"),
    "on_strategy_error": tuple(each.name.lower() for each in OnStrategyError),
    "on_contradiction": tuple(each.name.lower() for each in OnContradiction),
    "check": tuple(each.value for each in CheckLevel),
}
"""Settings that are one of a few words."""

DURATIONS = (
    "latency",
    "acknowledgement_timeout",
    "cancel_deadline",
    "settling_time",
    "jump_limit",
)

OTHER_WORDS = {"feed_latency": "recorded", "clock_offset": "auto"}
"""Durations that may be a word instead."""

COLUMN_CHOICES: dict[str, tuple[str, ...]] = {
    "rows": tuple(FIELDS),
    "instrument": tuple(kind.name.lower() for kind in InstrumentKind),
    "time_unit": tuple(TIME_DECIMALS),
}

# --- values --------------------------------------------------------------------------------------


def duration_ns(text: str, name: str = "duration") -> int:
    """Nanoseconds of "5ms" and the like; a bare number is refused, but for 0."""
    found = DURATION.fullmatch(text.strip())
    if found is None or (found[2] is None and int(found[1]) != 0):
        raise InputError("", 0, name, "a duration such as 5ms, 250us or 1s", repr(text))
    value = int(found[1]) * DURATION_NS[found[2] or "ns"]
    if value > DURATION_MAX_NS:
        raise InputError("", 0, name, f"at most {DURATION_MAX_NS}ns", repr(text))
    return value


def fraction_e8(text: str, name: str) -> int:
    """A decimal fraction in parts of 10**8, exactly; negative ones are rebates."""
    found = FRACTION.fullmatch(text.strip())
    if found is None or not (found[2] or found[3]):
        raise InputError("", 0, name, "a decimal fraction such as 0.0004", repr(text))
    value = int(found[2] or 0) * FRACTION_E8 + int((found[3] or "").ljust(8, "0"))
    return -value if found[1] else value


def _check_word(name: str, value: str, words: tuple[str, ...]) -> None:
    if value not in words:
        raise InputError("", 0, name, "one of " + ", ".join(words), repr(value))


def decimal_parts(text: str, name: str) -> tuple[int, int]:
    """(numerator, decimals) of a decimal number without a sign, exactly."""
    found = DECIMAL.fullmatch(text.strip())
    if found is None or not (found[1] or found[2]):
        raise InputError("", 0, name, "a decimal number such as 0.85", repr(text))
    places = (found[2] or "").rstrip("0")
    return int((found[1] or "0") + places), len(places)


def _check_rate(name: str, value: str) -> None:
    """Fees are at most the notional, a rebate too; margin is a part of it."""
    least = 0 if name == "margin" else -FRACTION_E8
    if not least <= fraction_e8(value, name) <= FRACTION_E8:
        expected = "a fraction from 0 to 1" if name == "margin" else "a fraction from -1 to 1"
        raise InputError("", 0, name, expected, repr(value))


def _check_balance(name: str, value: str) -> None:
    if re.fullmatch(rf"\d{{1,{BALANCE_DIGITS_MAX}}}", value, re.ASCII) is None:
        expected = f"a whole number of at most {BALANCE_DIGITS_MAX} digits"
        raise InputError("", 0, name, expected, repr(value))


def _check_type(name: str, value: Any, wanted: str) -> None:
    """Refuse a value of another type than a field's annotation says."""
    right, expected = {
        "int": (type(value) is int, "an integer"),
        "int | None": (type(value) is int or value is None, "an integer"),
        "str": (isinstance(value, str), "text"),
        "bool": (isinstance(value, bool), "true or false"),
        "Mapping[str, str]": (
            isinstance(value, Mapping)
            and all(isinstance(part, str) for pair in value.items() for part in pair),
            "a table of texts",
        ),
    }[wanted]
    if not right:
        raise InputError("", 0, name, expected, repr(value))
    if type(value) is int and not 0 <= value <= INT64_MAX:
        raise InputError("", 0, name, "an integer from 0 to 2**63 - 1", repr(value))


def _check_simple(name: str, value: Any) -> None:
    """One value: its type, and that it means something."""
    default = getattr(DEFAULTS, name)
    _check_type(name, value, "int" if isinstance(default, int) else "str")
    if name in CHOICES:
        _check_word(name, value, CHOICES[name])
    elif name in DURATIONS or (name in OTHER_WORDS and value != OTHER_WORDS[name]):
        duration_ns(value, name)
    elif name in ("maker_fee", "taker_fee", "margin"):
        _check_rate(name, value)
    elif name == "fee_per_contract":
        decimal_parts(value, name)
    elif name in ("balance_quote", "balance_base"):
        _check_balance(name, value)
    elif name in ("checkpoint_every", "check_every") and value <= 0:
        raise InputError("", 0, name, "a positive number", repr(value))


def _check_param(value: Mapping[str, Any]) -> None:
    for key, each in value.items():
        if not isinstance(each, (int, str)) or isinstance(each, bool):
            raise InputError("", 0, f"param.{key}", "an integer or text", repr(each))


def _check_record(name: str, record: Any) -> None:
    """Every field of a record of settings has its type."""
    for each in fields(type(record)):
        _check_type(f"{name}.{each.name}", getattr(record, each.name), str(each.type))


def _check_bucket(bucket: BucketSettings) -> None:
    _check_record("bucket", bucket)
    if bucket.capacity == 0:
        raise InputError("", 0, "bucket.capacity", "a positive number", "0")
    if duration_ns(bucket.interval, "bucket.interval") == 0:
        raise InputError("", 0, "bucket.interval", "above 0", repr(bucket.interval))
    costs = max(bucket.cost_new, bucket.cost_replace) + bucket.reserve
    if max(costs, bucket.cost_cancel) > bucket.capacity:
        expected = "at least every cost, a reserve kept for cancels included"
        raise InputError("", 0, "bucket.capacity", expected, str(bucket.capacity))


def _check_columns(symbol: str, columns: ColumnSettings) -> None:
    name = f"columns.{symbol}"
    _check_record(name, columns)
    for key, words in COLUMN_CHOICES.items():
        _check_word(f"{name}.{key}", getattr(columns, key), words)
    duration_ns(columns.bar_interval, f"{name}.bar_interval")
    if len(columns.delimiter) != 1:
        raise InputError("", 0, f"{name}.delimiter", "one character", repr(columns.delimiter))
    if bool(columns.base) != bool(columns.quote):
        raise InputError("", 0, f"{name}.base", "both base and quote, or neither", "one of them")


def _check_data(value: Mapping[str, Any]) -> None:
    for symbol, paths in value.items():
        texts = isinstance(paths, (list, tuple)) and all(isinstance(each, str) for each in paths)
        if not texts or not paths:
            raise InputError("", 0, f"data.{symbol}", "a file or a list of files", repr(paths))


def _check_risk(risk: RiskSettings) -> None:
    _check_record("risk", risk)
    if risk.self_trade_refused > 1:
        raise InputError("", 0, "risk.self_trade_refused", "0 or 1", str(risk.self_trade_refused))


def _check_buckets(buckets: tuple[BucketSettings, ...]) -> None:
    for bucket in buckets:
        _check_bucket(bucket)


def _check_rules(rules: Mapping[str, VenueRules]) -> None:
    for symbol, each in rules.items():
        name = f"venue.{symbol}"
        _check_record(name, each)
        for flag in ("amends_only_reduce", "resting_in_auctions"):
            if getattr(each, flag) > 1:
                raise InputError("", 0, f"{name}.{flag}", "0 or 1", "more")
        for least, most in (
            ("bid_down_e4", "bid_up_e4"),
            ("ask_down_e4", "ask_up_e4"),
            ("market_minimum", "market_maximum"),
            ("trailing_minimum_e4", "trailing_maximum_e4"),
        ):
            if 0 < getattr(each, most) < getattr(each, least):
                raise InputError("", 0, f"{name}.{most}", f"at least {least}", "less")


def _check_maps(maps: Mapping[str, ColumnSettings]) -> None:
    for symbol, columns in maps.items():
        _check_columns(symbol, columns)


def _check_tiers(tiers: tuple[FeeTierSettings, ...]) -> None:
    reached = 0
    for tier in tiers:
        _check_record("fee_tier", tier)
        _check_balance("fee_tier.traded", tier.traded)
        if int(tier.traded) <= reached:
            expected = f"more than {reached}: tiers ascend"
            raise InputError("", 0, "fee_tier.traded", expected, repr(tier.traded))
        reached = int(tier.traded)
        _check_rate("fee_tier.maker", tier.maker)
        _check_rate("fee_tier.taker", tier.taker)


def _check_discount(chosen: FeeDiscountSettings) -> None:
    name = "fee_discount"
    _check_record(name, chosen)
    if decimal_parts(chosen.price, f"{name}.price")[0] == 0:
        raise InputError("", 0, f"{name}.price", "above 0", repr(chosen.price))
    if not 0 <= fraction_e8(chosen.discount, f"{name}.discount") <= FRACTION_E8:
        raise InputError("", 0, f"{name}.discount", "a fraction from 0 to 1", chosen.discount)
    _check_balance(f"{name}.balance", chosen.balance)
    if not chosen.asset and chosen != FeeDiscountSettings():
        raise InputError("", 0, f"{name}.asset", "the asset fees are taken in", "none")


def _check_delay(delay: DelaySettings) -> None:
    _check_type("delay.file", delay.file, "str")
    _check_type("delay.seed", delay.seed, "int")
    for name in DELAYED:
        durations = getattr(delay, name)
        if not all(isinstance(each, str) for each in durations):
            raise InputError("", 0, f"delay.{name}", "a duration or a list of them", str(durations))
        found = [duration_ns(each, f"delay.{name}") for each in durations]
        if found != sorted(found):
            expected = "durations from the least to the most"
            raise InputError("", 0, f"delay.{name}", expected, ", ".join(durations))
    if delay.file and any(getattr(delay, name) for name in DELAYED):
        raise InputError("", 0, "delay.file", "a file, or durations", "both")


_CHECKS: dict[str, Callable[[Any], None]] = {
    "param": _check_param,
    "risk": _check_risk,
    "bucket": _check_buckets,
    "venue": _check_rules,
    "fee_tier": _check_tiers,
    "fee_discount": _check_discount,
    "delay": _check_delay,
    "columns": _check_maps,
    "data": _check_data,
}

DEFAULTS = Settings()


def checked(settings: Settings) -> Settings:
    """The same settings; raises `InputError` for a value that means nothing."""
    for name in SIMPLE:
        _check_simple(name, getattr(settings, name))
    for name, check in _CHECKS.items():
        check(getattr(settings, name))
    return settings


# --- where they come from ------------------------------------------------------------------------


def settings_of(
    flags: Mapping[str, Any],
    config: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """The settings of a run; raises `InputError`.

    `flags`: by setting name, None where one is not given. Parameters are taken together key by
    key; data given by flags takes the place of the file's.
    """
    settings = DEFAULTS
    if config is not None:
        settings = _from_file(settings, config)
    settings = _from_environment(settings, os.environ if environment is None else environment)
    for name, value in flags.items():
        if value is not None:
            settings = _with(settings, name, value, f"--{name.replace('_', '-')}")
    return checked(settings)


def _with(settings: Settings, name: str, value: Any, where: str) -> Settings:
    """One more setting, checked; a refusal names where it came from."""
    if name in SIMPLE:
        try:
            _check_simple(name, value)
        except InputError as error:
            raise InputError("", 0, where or name, error.expected, error.got) from error
    else:
        _CHECKS[name](value)
    if name == "param":
        return evolve(settings, param={**settings.param, **value})
    return evolve(settings, **{name: value})


def _from_environment(settings: Settings, environment: Mapping[str, str]) -> Settings:
    """Settings of the environment over `settings`, in name order."""
    for variable in sorted(environment):
        name = variable.removeprefix(ENVIRONMENT_PREFIX)
        if name == variable or name in OTHER_VARIABLES:
            continue
        where = f"environment {variable}"
        if name.lower() not in SIMPLE or name != name.upper():
            known = ", ".join(ENVIRONMENT_PREFIX + each.upper() for each in SIMPLE)
            raise InputError("", 0, where, f"a known variable ({known})", "an unknown one")
        value: int | str = environment[variable]
        if isinstance(getattr(DEFAULTS, name.lower()), int):
            if re.fullmatch(r"\d{1,19}", environment[variable], re.ASCII) is None:
                raise InputError("", 0, where, "an integer", repr(value))
            value = int(value)
        settings = _with(settings, name.lower(), value, where)
    return settings


def _from_file(settings: Settings, path: Path) -> Settings:
    """Settings of a TOML file over `settings`."""
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError as error:
        raise InputError(str(path), 0, "file", "an existing file", "no such file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(str(path), 0, "file", "a readable text file", str(error)) from error
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        place = re.search(r"at line (\d+)", str(error))
        line = int(place[1]) if place else len(text.splitlines())
        raise InputError(str(path), line, "file", "valid TOML", str(error)) from error
    try:
        return from_table(settings, table)
    except InputError as error:
        raise error.at(str(path), _line_of(text, error.field)) from error


def from_table(settings: Settings, table: Mapping[str, Any]) -> Settings:
    """Settings of a table, as a file or a manifest holds it, over `settings`."""
    for name, value in table.items():
        settings = _with(settings, name, _of_table(name, value), "")
    return settings


def _line_of(text: str, name: str) -> int:
    """The line of a key such as "risk.maximum_loss", else of its table, else 0."""
    wanted = name.split(".")
    here: list[str] = []
    table_line = 0
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line)
        entry = re.match(r"\s*([^\s=]+)\s*=", line)
        if header:
            here = [part.strip(" \"'") for part in header[1].split(".")]
            found = here
        elif entry:
            found = here + [part.strip(" \"'") for part in entry[1].split(".")]
        else:
            continue
        if found == wanted:
            return number
        if not table_line and found == wanted[: len(found)]:
            table_line = number
    return table_line


def _of_table(name: str, value: Any) -> Any:
    """A value of the file in the form `Settings` has."""
    if name not in SIMPLE and name not in TABLES:
        known = ", ".join((*SIMPLE, *TABLES))
        raise InputError("", 0, name, f"a known key ({known})", "an unknown one")
    if name in LISTED:
        if not isinstance(value, list):
            raise InputError("", 0, name, f"an array of tables [[{name}]]", repr(value))
        return tuple(_record(LISTED[name], name, each) for each in value)
    if name in TABLES:
        _check_table(name, value)
    if name == "delay":
        value = {key: _durations(each) if key in DELAYED else each for key, each in value.items()}
    if name in RECORDS:
        return _record(RECORDS[name], name, value)
    if name == "venue":
        return {key: _record(VenueRules, f"venue.{key}", each) for key, each in value.items()}
    if name == "columns":
        return {key: _record(ColumnSettings, f"columns.{key}", each) for key, each in value.items()}
    if name == "data":
        return {
            key: tuple(each) if isinstance(each, list) else (each,) for key, each in value.items()
        }
    return value


def _durations(value: Any) -> Any:
    """One duration or a list of them as a tuple."""
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


def _check_table(name: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise InputError("", 0, name, f"a table [{name}]", repr(value))


def _record(kind: type, name: str, values: Any) -> Any:
    """An attrs record from a table; unknown and missing keys are refused."""
    _check_table(name, values)
    known = [each.name for each in fields(kind)]
    for key in values:
        if key not in known:
            expected = "a known key (" + ", ".join(known) + ")"
            raise InputError("", 0, f"{name}.{key}", expected, "an unknown one")
    try:
        return kind(**values)
    except TypeError as error:
        raise InputError("", 0, name, "all required keys", str(error)) from error


# --- and back ------------------------------------------------------------------------------------


def to_table(settings: Settings) -> dict[str, Any]:
    """The settings as plain values: what `from_table` reads, absent values left out."""
    table = asdict(settings)
    table["data"] = {symbol: list(paths) for symbol, paths in settings.data.items()}
    for name in LISTED:
        table[name] = [asdict(each) for each in getattr(settings, name)]
    for columns in table["columns"].values():
        for key in [key for key, value in columns.items() if value is None]:
            del columns[key]
    return table


def to_toml(settings: Settings) -> str:
    """The file that says the same."""
    table = to_table(settings)
    lines = [f"{name} = {_toml(table[name])}" for name in SIMPLE]
    for name in ("param", *RECORDS, "data"):
        lines += ["", f"[{name}]", *_toml_lines(table[name])]
    for symbol, rules in table["venue"].items():
        lines += ["", f"[venue.{_toml_key(symbol)}]", *_toml_lines(rules)]
    for symbol, columns in table["columns"].items():
        lines += ["", f"[columns.{_toml_key(symbol)}]", *_toml_lines(columns)]
    for name in LISTED:
        for each in table[name]:
            lines += ["", f"[[{name}]]", *_toml_lines(each)]
    return "\n".join(lines) + "\n"


def _toml_lines(table: Mapping[str, Any]) -> list[str]:
    return [f"{_toml_key(key)} = {_toml(value)}" for key, value in table.items()]


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _toml(key)


def _toml(value: Any) -> str:
    """A TOML value: integers, flags, basic strings, arrays and inline tables of them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_toml_key(key)} = {_toml(each)}" for key, each in value.items())
        return f"{{ {inner} }}"
    # JSON's escapes are TOML's, but for the one control character JSON leaves as it is.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")
