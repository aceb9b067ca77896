"""What a run is told: every setting with its default, its type and where it came from.

Precedence is flag, then environment, then file, then default. A key nobody knows is refused, and
so is a value of the wrong type; nothing is guessed. `tickproof config --defaults` prints the file
that says the same as saying nothing.

A setting here is text or an integer as its author wrote it; units become integers of the spec in
`tickproof.runtime.backtest`, where the instruments are known.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, evolve, field, fields, frozen

from tickproof.runtime.errors import InputError
from tickproof.spec.configuration import OnContradiction, OnStrategyError
from tickproof.spec.price_queue import FillModel

ENVIRONMENT_PREFIX = "TICKPROOF_"

DURATION = re.compile(r"(\d+)(ns|us|ms|s|m|h)?")
DURATION_NS = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}

FILL_MODELS = tuple(model.name.lower() for model in FillModel)


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
class Settings:
    """A run's settings.

    `latency`: of requests and of responses, each. Durations are a number and a unit: 5ms, 250us,
    1s. `maker_fee`, `taker_fee`: decimal fractions of the notional; `fee_asset`: quote or
    received. `balance_quote`, `balance_base`: what the account starts with, in whole units of
    each asset. `margin`: initial margin of futures, a decimal fraction.
    `checkpoint_every`: positions between digests kept in the run folder.
    """

    strategy: str = "quoter"
    fill_model: str = "pessimistic"
    latency: str = "0ms"
    feed_latency: str = "0ms"
    on_gap: str = "stop"
    maker_fee: str = "0"
    taker_fee: str = "0"
    fee_asset: str = "quote"
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
    param: Mapping[str, int | str] = field(factory=dict)
    risk: RiskSettings = field(factory=RiskSettings)
    bucket: tuple[BucketSettings, ...] = ()
    data: Mapping[str, tuple[str, ...]] = field(factory=dict)


CHOICES: dict[str, tuple[str, ...]] = {
    "fill_model": FILL_MODELS,
    "on_gap": ("stop", "resync"),
    "fee_asset": ("quote", "received"),
    "on_strategy_error": tuple(each.name.lower() for each in OnStrategyError),
    "on_contradiction": tuple(each.name.lower() for each in OnContradiction),
}
"""Settings that are one of a few words."""

DURATIONS = (
    "latency",
    "feed_latency",
    "acknowledgement_timeout",
    "cancel_deadline",
    "settling_time",
    "jump_limit",
)

SIMPLE = tuple(
    each.name for each in fields(Settings) if each.name not in ("param", "risk", "bucket", "data")
)
"""Settings that are one value, which flags and the environment may give."""


def duration_ns(text: str, name: str = "duration") -> int:
    """Nanoseconds of "5ms" and the like; a bare number is refused, but for 0."""
    found = DURATION.fullmatch(text.strip())
    if found is None or (found[2] is None and int(found[1]) != 0):
        raise InputError("", 0, name, "a duration such as 5ms, 250us or 1s", repr(text))
    return int(found[1]) * DURATION_NS[found[2] or "ns"]


def fraction_e8(text: str, name: str) -> int:
    """A decimal fraction in parts of 10**8, exactly; negative ones are rebates."""
    found = re.fullmatch(r"(-?)(\d*)(?:\.(\d{1,8})0*)?", text.strip())
    if found is None or not (found[2] or found[3]):
        raise InputError("", 0, name, "a decimal fraction such as 0.0004", repr(text))
    value = int(found[2] or 0) * 10**8 + int((found[3] or "").ljust(8, "0"))
    return -value if found[1] else value


def settings_of(
    flags: Mapping[str, Any],
    config: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """The settings of a run; raises `InputError`."""
    settings = Settings()
    if config is not None:
        settings = _from_file(settings, config)
    surroundings = os.environ if environment is None else environment
    for name in SIMPLE:
        value = surroundings.get(ENVIRONMENT_PREFIX + name.upper())
        if value is not None:
            settings = _with(settings, name, _typed(name, value), f"environment {name}")
    for name, value in flags.items():
        if value is not None:
            settings = _with(settings, name, value, f"--{name.replace('_', '-')}")
    return checked(settings)


def checked(settings: Settings) -> Settings:
    """The same settings; raises `InputError` for a word or duration that means nothing."""
    for name, words in CHOICES.items():
        if getattr(settings, name) not in words:
            got = repr(getattr(settings, name))
            raise InputError("", 0, name, "one of " + ", ".join(words), got)
    for name in DURATIONS:
        duration_ns(getattr(settings, name), name)
    for name in ("maker_fee", "taker_fee", "margin"):
        fraction_e8(getattr(settings, name), name)
    for bucket in settings.bucket:
        duration_ns(bucket.interval, f"bucket {bucket.name} interval")
    if settings.checkpoint_every <= 0:
        raise InputError("", 0, "checkpoint_every", "a positive number", "0 or less")
    return settings


def _typed(name: str, value: str) -> int | str:
    """A value from the environment in the setting's own type."""
    if isinstance(getattr(Settings(), name), int):
        if re.fullmatch(r"-?\d+", value) is None:
            raise InputError("", 0, f"environment {name}", "an integer", repr(value))
        return int(value)
    return value


def _with(settings: Settings, name: str, value: Any, where: str) -> Settings:
    """One more setting; refused when its type is another than the default's."""
    default = getattr(Settings(), name)
    if name == "param":
        return evolve(settings, param={**settings.param, **value})
    if name == "data":
        return evolve(settings, data={**settings.data, **value})
    if type(value) is not type(default) and not isinstance(value, (RiskSettings, tuple)):
        wanted = "an integer" if isinstance(default, int) else "text"
        raise InputError("", 0, where, wanted, repr(value))
    return evolve(settings, **{name: value})


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
    except tomllib.TOMLDecodeError as error:
        raise InputError(str(path), 0, "file", "valid TOML", str(error)) from error
    for name, value in table.items():
        try:
            settings = _with(settings, name, _of_table(name, value), name)
        except InputError as error:
            raise error.at(str(path), _line_of(text, name)) from error
    return settings


def _line_of(text: str, name: str) -> int:
    """The first line that begins with a key or table of this name, 0 when there is none."""
    pattern = re.compile(rf"\s*\[*\s*{re.escape(name)}\b")
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.match(line):
            return number
    return 0


def _of_table(name: str, value: Any) -> Any:
    """A value of the file in the form `Settings` has."""
    if name == "param":
        for key, each in _table(name, value).items():
            if not isinstance(each, (int, str)) or isinstance(each, bool):
                raise InputError("", 0, f"param.{key}", "an integer or text", repr(each))
        return value
    if name == "risk":
        return _record(RiskSettings, name, _table(name, value))
    if name == "bucket":
        if not isinstance(value, list):
            raise InputError("", 0, name, "an array of tables [[bucket]]", repr(value))
        return tuple(_record(BucketSettings, name, _table(name, each)) for each in value)
    if name == "data":
        found = _table(name, value)
        return {
            key: tuple([each] if isinstance(each, str) else each) for key, each in found.items()
        }
    if name not in SIMPLE:
        known = ", ".join((*SIMPLE, "param", "risk", "bucket", "data"))
        raise InputError("", 0, name, f"a known key ({known})", "an unknown one")
    return value


def _table(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError("", 0, name, f"a table [{name}]", repr(value))
    return value


def _record(kind: type, name: str, values: dict[str, Any]) -> Any:
    """An attrs record from a table; unknown keys and wrong types are refused."""
    known = {each.name: each for each in fields(kind)}
    for key, value in values.items():
        if key not in known:
            expected = "a known key (" + ", ".join(known) + ")"
            raise InputError("", 0, f"{name}.{key}", expected, "an unknown one")
        wanted = known[key].type
        if str(wanted) in ("int", "<class 'int'>") and type(value) is not int:
            raise InputError("", 0, f"{name}.{key}", "an integer", repr(value))
        if str(wanted) in ("str", "<class 'str'>") and not isinstance(value, str):
            raise InputError("", 0, f"{name}.{key}", "text", repr(value))
    try:
        return kind(**values)
    except TypeError as error:
        raise InputError("", 0, name, "all required keys", str(error)) from error


def to_toml(settings: Settings) -> str:
    """The file that says the same; `risk` and `param` as tables, buckets as arrays of tables."""
    lines = [f"{name} = {_toml(getattr(settings, name))}" for name in SIMPLE]
    lines += ["", "[param]", *(f"{key} = {_toml(v)}" for key, v in settings.param.items())]
    lines += ["", "[risk]"]
    lines += [f"{key} = {_toml(value)}" for key, value in asdict(settings.risk).items()]
    lines += ["", "[data]"]
    lines += [f"{key} = {_toml(list(files))}" for key, files in settings.data.items()]
    for bucket in settings.bucket:
        lines += ["", "[[bucket]]"]
        lines += [f"{key} = {_toml(value)}" for key, value in asdict(bucket).items()]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    """A TOML value: integers, basic strings and arrays of them are all there is."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
