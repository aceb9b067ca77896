"""The command line and the settings, drawn from the parser and the settings class.

Not the parser's own help text, which differs between Python versions.
"""

# ruff: noqa: SLF001 - argparse tells what a parser has in private attributes only.

from __future__ import annotations

import argparse
import inspect
from typing import Any

from attrs import fields

from docs.drawn.markdown import code, escaped, fenced, prose, table
from tickproof.runtime.cli import parser
from tickproof.runtime.readers.tabular import FIELDS
from tickproof.runtime.settings import (
    CHOICES,
    DURATION_NS,
    ENVIRONMENT_PREFIX,
    SIMPLE,
    BucketSettings,
    ColumnSettings,
    DelaySettings,
    FeeDiscountSettings,
    FeeTierSettings,
    RiskSettings,
    Settings,
    to_toml,
)
from tickproof.runtime.strategies import BUILT_IN
from tickproof.spec.venue_rules import VenueRules

MEANINGS = {
    "strategy": "a built-in name, `module:Class` or `file.py:Class`",
    "fill_model": "how resting orders fill; see [the models](concepts/price-queue.md)",
    "latency": "duration; of requests and of responses, each",
    "feed_latency": "duration, from capture to the kernel; `recorded`, from Event Time to capture",
    "clock_offset": "duration added to capture stamps; `auto`, the least that puts nothing before "
    "it happened",
    "format": "what the files are; see [formats](recordings.md); `auto` goes by their endings",
    "multiplier": "what one price unit of one contract is worth, where files do not say",
    "feed": "what is declared of how levels are told: each change alone, or conflated; `by_order` "
    "gives the orders beside them, for the `exact` fill model",
    "on_gap": "what a gap in the numbers does: refuse the file, or wait for the next snapshot",
    "maker_fee": "fraction of the notional; negative is a rebate",
    "taker_fee": "fraction of the notional",
    "funding": "whether futures pay funding by the marks and rates of the stream, read only then",
    "fee_asset": "fees in the quote asset, or in what a spot fill receives",
    "fee_per_contract": "quote asset units for each unit of quantity, beside the rates",
    "balance_quote": "whole units of each quote asset at the start",
    "balance_base": "whole units of each base asset at the start",
    "margin": "initial margin of futures, a fraction",
    "on_strategy_error": "what a strategy that raises does: end the run, or be asked no more",
    "on_contradiction": "what evidence against a reported death does",
    "acknowledgement_timeout": "duration; a Request unanswered for so long is surfaced, 0 never",
    "cancel_deadline": "duration; a CANCEL unsent for so long is surfaced, 0 never",
    "settling_time": "duration; how old a doubt must be before NOT_FOUND settles it",
    "jump_limit": "duration; a stamp further ahead is counted and not followed, 0 no limit",
    "checkpoint_every": "positions between kept digests",
    "check": "which steps every invariant is asked of; see [the monitor](conformance.md#monitor)",
    "check_every": "sampled: the steps to each n-th position are checked",
}
"""Meaning of every simple setting."""


COLUMNS_EXAMPLE = """\
[data]
BTCUSDT = ["levels.csv"]

[columns.BTCUSDT]
rows = "book"
time_unit = "ms"
map = { time = "ts", kind = "what", side = "side", price = "px", size = "qty" }"""


UNSAID = {
    "param": "a parameter of the strategy",
    "folder": "a run folder",
    "format": "default: text",
}
"""Meanings of arguments whose help says nothing."""


def pages() -> dict[str, str]:
    """cli.md and configuration.md."""
    return {"cli.md": commands(), "configuration.md": configuration()}


# --- command line --------------------------------------------------------------------------------


def commands() -> str:
    """Every command with its arguments."""
    top = parser()
    parts = [
        "# Command line",
        (
            "`tickproof COMMAND --help` prints the same. Results go to stdout, everything else to "
            "stderr; the exit codes are [here](errors.md#exit-codes)."
        ),
        table(("option", "meaning"), [("`--version`", "version and build: pure or compiled")]),
    ]
    found = next(each for each in top._actions if isinstance(each, argparse._SubParsersAction))
    helps = {each.dest: each.help or "" for each in found._choices_actions}
    for name, command in found.choices.items():
        parts += command_section(f"tickproof {name}", command, helps.get(name, ""))
    return "\n\n".join(parts)


def command_section(name: str, command: argparse.ArgumentParser, said: str) -> list[str]:
    """One command; its subcommands follow."""
    parts = [f"## {name}", sentence(said or command.description or "")]
    lines = []
    below: list[str] = []
    for action in command._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {each.dest: each.help or "" for each in action._choices_actions}
            for sub, each in action.choices.items():
                below += command_section(f"{name} {sub}", each, helps.get(sub, ""))
        elif not isinstance(action, argparse._HelpAction):
            lines.append((code(usage_of(action)), meaning_of(action)))
    if lines:
        parts.append(table(("argument", "meaning"), lines))
    return [part for part in parts if part] + below


def usage_of(action: argparse.Action) -> str:
    """An argument as it is typed."""
    value = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    if action.choices is not None:
        value = "|".join(str(each) for each in action.choices)
    if not action.option_strings:
        value = action.metavar if isinstance(action.metavar, str) else action.dest
        many = action.nargs in ("*", "+")
        optional = action.nargs in ("?", "*")
        return ("[" if optional else "") + value + (" ..." if many else "") + "]" * optional
    takes = "" if action.nargs == 0 else f" {value}"
    return action.option_strings[-1] + takes


def meaning_of(action: argparse.Action) -> str:
    """Help, and whether it may be repeated."""
    parts = [escaped(action.help or "") or UNSAID.get(action.dest, MEANINGS.get(action.dest, ""))]
    if type(action).__name__ == "_AppendAction":
        parts.append("may be repeated")
    if action.required and action.option_strings:
        parts.append("required")
    return "; ".join(part for part in parts if part)


def sentence(text: str) -> str:
    """A help text as a sentence."""
    return escaped(text[:1].upper() + text[1:] + "." * (not text.endswith("."))) if text else ""


# --- settings ------------------------------------------------------------------------------------


def configuration() -> str:
    """Every setting with its default."""
    if set(MEANINGS) != set(SIMPLE):
        raise ValueError(f"settings without a meaning: {set(SIMPLE) ^ set(MEANINGS)}")
    parts = [
        "# Settings",
        (
            f"Precedence is flag, then environment (`{ENVIRONMENT_PREFIX}` and the name in "
            "capitals), then the file given by `--config`, then default. An unknown key is "
            "refused, and so is a value of the wrong type. `tickproof config --defaults` prints "
            "the file that says the same as saying nothing; `tickproof config --config FILE` "
            "what a run would use."
        ),
        table(("setting", "default", "meaning"), [setting(name) for name in SIMPLE]),
        (
            "Durations are a whole number and a unit: "
            f"{', '.join(code(unit) for unit in DURATION_NS)}; a bare number is refused, but for "
            "0. Fractions are decimal text with at most eight places, taken exactly."
        ),
        "## Strategy parameters: `[param]`",
        (
            "Arguments of the strategy's constructor, integers or text; on the command line "
            "`--param KEY=VALUE`."
        ),
        *(strategy(name, each) for name, each in BUILT_IN.items()),
        "## Risk limits: `[risk]`",
        escaped("Every limit is off at 0. " + paragraph(RiskSettings)),
        record(RiskSettings),
        "## Rate buckets: `[[bucket]]`",
        escaped(paragraph(BucketSettings)) + " See [queueing](concepts/intents.md).",
        record(BucketSettings),
        "## Venue filters: `[venue.SYMBOL]`",
        escaped(paragraph(VenueRules)) + " See [the filters](concepts/venue-rules.md).",
        record(VenueRules),
        "## Delays: `[delay]`",
        escaped(paragraph(DelaySettings)) + " See [latency](concepts/runtime.md#latency).",
        record(DelaySettings),
        "## Fee tiers: `[[fee_tier]]`",
        escaped(paragraph(FeeTierSettings)) + " See [fees](concepts/ledger.md#fees).",
        record(FeeTierSettings),
        "## Fees in another asset: `[fee_discount]`",
        escaped(paragraph(FeeDiscountSettings)),
        record(FeeDiscountSettings),
        "## Own tables: `[columns.SYMBOL]`",
        escaped(paragraph(ColumnSettings))
        + " Fields of each sort of rows: "
        + column_fields()
        + ".",
        record(ColumnSettings),
        fenced("toml", COLUMNS_EXAMPLE),
        "## Data: `[data]`",
        'Files by symbol: `BTCUSDT = ["a.gz", "b.gz"]`, the files of one session in order.',
        "## All defaults",
        fenced("toml", to_toml(Settings()).rstrip()),
    ]
    return "\n\n".join(parts)


def column_fields() -> str:
    """The fields a column map may name, by sort of rows."""
    return ". ".join(
        f"`{rows}`: "
        + ", ".join(code(name) for name in needed)
        + "; optional "
        + ", ".join(code(name) for name in optional)
        for rows, (needed, optional) in FIELDS.items()
    )


def setting(name: str) -> tuple[str, str, str]:
    """One simple setting."""
    words = CHOICES.get(name)
    meaning = MEANINGS[name]
    if words is not None:
        meaning += ": " + ", ".join(code(word) for word in words)
    return code(name), code(getattr(Settings(), name)), meaning


def strategy(name: str, kind: type) -> str:
    """A built-in strategy: what it does, and its parameters."""
    given = inspect.signature(kind).parameters.values()
    values = ", ".join(f"`{each.name}` {each.default}" for each in given)
    module = inspect.getmodule(kind)
    return f"`{name}`: {prose(module)} Parameters: {values}. {escaped(paragraph(kind))}"


def paragraph(kind: Any) -> str:
    """A whole docstring on one line."""
    return " ".join((kind.__doc__ or "").split())


def record(kind: type) -> str:
    """The fields of a settings record with their defaults."""
    lines = []
    for each in fields(kind):
        required = each.default.__class__.__name__ == "_Nothing" or "NOTHING" in repr(each.default)
        lines.append((code(each.name), "required" if required else shown(each.default)))
    return table(("key", "default"), lines)


def shown(value: object) -> str:
    """A default as it stands in a settings file."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return code(str(value).lower())
    return code(value if value != "" else '""')
