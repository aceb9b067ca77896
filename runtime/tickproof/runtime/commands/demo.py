"""`tickproof demo`: the whole of it at once, on a made market, without input and without network.

What it decides: one run that shows something. A seeded market of a few minutes, the built-in
quoter with latency, fees and a position limit, all of it kept in a run folder with its report;
the same numbers on every machine.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from tickproof.runtime.backtest import Result, run_backtest
from tickproof.runtime.console import quiet_stdout, say
from tickproof.runtime.progress import shown_progress
from tickproof.runtime.readers.feed import combine
from tickproof.runtime.report_words import decimal, duration
from tickproof.runtime.run_folder import REPORT, Synthetic, check_place, write_run
from tickproof.runtime.settings import Settings
from tickproof.runtime.synthetic import SYMBOL, synthetic_market

MARKET = Synthetic(events=60_000, seed=2)
"""The made market: about two minutes."""

SETTINGS = Settings(
    strategy="quoter",
    latency="5ms",
    feed_latency="1ms",
    maker_fee="0.00002",
    taker_fee="0.0004",
    balance_quote="10000",
    balance_base="0",
    param={"size": 5, "maximum_position": 40},
)

DEFAULT_OUT = Path("tickproof-demo-run")


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("demo", help="run a made market and write a report; start here")
    command.add_argument(
        "--out",
        type=Path,
        default=DEFAULT_OUT,
        metavar="DIR",
        help=f"the run's new folder; default: {DEFAULT_OUT}",
    )
    command.set_defaults(handler=run)


def run(arguments: argparse.Namespace) -> int:
    """Run it, keep it, and say how to go on."""
    started = time.monotonic()
    check_place(arguments.out)
    with quiet_stdout(), shown_progress() as progress:
        market = combine([synthetic_market(MARKET.events, MARKET.seed)])
        result = run_backtest(
            market, SETTINGS, keep_outputs=True, keep_stream=True, progress=progress
        )
    write_run(result, arguments.out, MARKET)
    say(told(result, arguments.out, time.monotonic() - started))
    return 0


def told(result: Result, out: Path, seconds: float) -> str:
    """What was done, what came of it, where it is, and how to go on."""
    summary = result.summary
    stamps = result.market.columns.capture_time_ns
    quote = result.market.assets[result.market.instruments[0].quote]
    *_, realised, unrealised, fees = result.equity_rows[-1]
    net = decimal(realised + unrealised - fees, quote.decimals)
    return f"""\
A made market (seed {MARKET.seed}): {summary["market_events"]:,} messages of {SYMBOL}, \
{duration(stamps[-1] - stamps[0])}; no input, no network.
The quoter kept a post-only order of 0.05 at each touch, 5 ms from the venue.

  events     {summary["positions"]:,} positions, {summary["events_per_s"]:,} a second
  orders     {summary["orders"]:,}, {summary["requests"]:,} requests, \
{summary["denied"]:,} denied, {summary["refused"]:,} refused
  fills      {summary["fills"]:,}, each with its cause in the report
  result     {net} {quote.name} after {decimal(fees, quote.decimals)} of fees: one scenario \
under the {summary["fill_model"]} fill model, no bound
  book       equal to the market's own ticker {summary["ticker_equal"]:,} of \
{summary["ticker_checked"]:,} times
  digest     {summary["digest"]}

Done in {seconds:.1f} s. Open {out / REPORT} in a browser. Then:

  tickproof replay {out}
      runs it again and compares every request, fill and decision
  tickproof new strategy my-idea
      writes a strategy of your own, with a test that passes
  tickproof backtest FILE... --strategy my_idea.py:MyIdea --out my-run
      runs it on recorded market data"""
