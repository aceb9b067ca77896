"""The report of a run: one page that needs no network, everything in it derived from the Result.

What it decides: what a person is shown of a run, and in which order: what came of it, price with
fills, why each fill happened, what became of orders and why work was refused, latency, quality of
the data, and the configuration with its hashes. A number that the run did not keep is said to be
missing. Results of a closed loop under a fill model are called what they are: scenarios [Q7].

The page carries its own library, style and data, and forbids itself every request to elsewhere.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from tickproof.runtime.backtest import Result
from tickproof.runtime.delays import latency_words
from tickproof.runtime.explain import Explanation, FillStory, PriceLine, explain, position_times
from tickproof.runtime.report_charts import (
    BLUE,
    MARKERS_MAX,
    VERMILLION,
    Marks,
    RunLines,
    bar_chart,
    library_script,
    run_chart,
    thinned,
)
from tickproof.runtime.report_words import (
    CAUSES,
    MODELS,
    REFUSAL_CODES,
    cause_sentence,
    chain_sentence,
    coded,
    decimal,
    duration,
    moment,
    name_of,
    order_name,
)
from tickproof.runtime.settings import TABLES, DelaySettings, Settings
from tickproof.runtime.summary import instrument_names
from tickproof.runtime.version import VERSION
from tickproof.spec.commands import CommandKind
from tickproof.spec.events import (
    FIRST_EXECUTION_KIND,
    EventKind,
    FillCause,
    Liquidity,
    Reason,
    Side,
)
from tickproof.spec.instrument import Asset, Instrument, notional
from tickproof.spec.order_life import Status
from tickproof.spec.outputs import IntentOutcome, RecordKind, RefusalSource, SurfacedReason
from tickproof.spec.risk import DenyCode

FILLS_LISTED = 1_000
"""How many fills the page's table holds; the run folder has all of them."""

SAMPLE_MAX = 100_000
"""How many market messages the feed's delay is measured on."""

MILLISECOND_NS = 1_000_000

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'"
)
"""What the page may load: nothing but itself."""

BINS: tuple[tuple[str, int], ...] = (
    ("0", 0),
    ("to 10 \u00b5s", 10_000),
    ("to 100 \u00b5s", 100_000),
    ("to 1 ms", 1_000_000),
    ("to 10 ms", 10_000_000),
    ("to 100 ms", 100_000_000),
    ("to 1 s", 1_000_000_000),
    ("to 10 s", 10_000_000_000),
    ("to 1 min", 60_000_000_000),
    ("to 10 min", 600_000_000_000),
    ("longer", 1 << 62),
)
"""Upper ends of the spans a latency chart counts, in ns."""


@frozen
class Cell:
    """A table cell that is a number, aligned as one."""

    text: str


def write_report(result: Result, path: Path) -> None:
    """Write the report of a run; raises `MissingExtra`, OSError when it cannot be written."""
    path.write_text(report_page(result), encoding="utf-8", newline="\n")


def report_page(result: Result) -> str:
    """The whole page; raises `MissingExtra`."""
    found = explain(result)
    sections = [
        *_runs(result, found),
        ("fills", "Why each fill happened", _fills(result, found)),
        ("orders", "What became of the orders", _outcomes(result)),
        ("refusals", "Denied and refused", _refusals(result)),
        ("latency", "Latency", _latency(result, found)),
        *_funding(result),
        ("data", "Quality of the data", _quality(result)),
        ("configuration", "Configuration and hashes", _configuration(result)),
    ]
    links = "".join(f'<a href="#{name}">{escape(title)}</a>' for name, title, _ in sections)
    body = "".join(
        f'<section id="{name}"><h2>{escape(title)}</h2>{content}</section>'
        for name, title, content in sections
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(_title(result))}</title>"
        f"<style>{_asset('report.css')}</style>"
        f"<script>{library_script()}</script></head>\n"
        f"<body><main>{_header(result)}{_tiles(result, found)}<nav>{links}</nav>{body}</main>\n"
        f"{_fill_data(result, found)}</body></html>\n"
    )


def _asset(name: str) -> str:
    return files("tickproof.runtime").joinpath(name).read_text(encoding="utf-8")


# --- fragments -----------------------------------------------------------------------------------


def _table(headers: Sequence[str], rows: Iterable[Sequence[str | Cell]]) -> str:
    """A table; columns of `Cell` are aligned as numbers. No rows: a dash says so."""
    listed = [list(row) for row in rows]
    if not listed:
        return '<p class="soft">none</p>'
    numeric = [isinstance(cell, Cell) for cell in listed[0]]
    head = "".join(
        f"<th{' class=number' if number else ''}>{escape(text)}</th>"
        for text, number in zip(headers, numeric, strict=True)
    )
    lines = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in listed)
    inner = f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
    return f'<div class="scroll">{inner}</div>'


def _cell(value: str | Cell) -> str:
    if isinstance(value, Cell):
        return f'<td class="number">{escape(value.text)}</td>'
    return f"<td>{escape(value)}</td>"


def _pairs(values: Mapping[str, object], code: bool = False) -> str:
    """Names and values, a line each."""
    tag = ("<code>", "</code>") if code else ("", "")
    lines = "".join(
        f'<tr><td class="key">{escape(name)}</td><td>{tag[0]}{escape(str(value))}{tag[1]}</td></tr>'
        for name, value in values.items()
    )
    return f"<table><tbody>{lines}</tbody></table>"


def _count(number: int) -> Cell:
    return Cell(f"{number:,}")


# --- header --------------------------------------------------------------------------------------


def _symbols(result: Result) -> str:
    return ", ".join(instrument_names(result.market))


def _title(result: Result) -> str:
    return f"{result.strategies[0].name} on {_symbols(result)}"


def _header(result: Result) -> str:
    """What ran on what, and what a reader has to know before any number."""
    stamps = result.market.columns.capture_time_ns
    span = ""
    if stamps:
        first, last = min(stamps), max(stamps)
        span = f"{moment(first)[:19]} to {moment(last)[:19]} UTC, {duration(last - first)}. "
    settings = result.settings
    model = settings.fill_model
    text = (
        f"<h1>{escape(_title(result))}</h1>"
        f'<p class="soft">{span}Fill model {escape(model)}, '
        f"latency {escape(latency_words(settings))}, "
        f"feed latency {escape(settings.feed_latency)}, "
        f"tickproof {escape(VERSION)}.</p>"
        f"<p><b>A scenario, not a bound.</b> Fills are simulated: under the {escape(model)} model "
        f"{escape(MODELS.get(model, ''))}. The strategy acted on its own simulated fills, so these "
        "results bound nothing, under any model; only for one fixed sequence of requests are the "
        "three models ordered, order by order.</p>"
    )
    if result.failure is not None:
        text += (
            '<section class="failed"><h2>FAILED</h2><p>The strategy failed: '
            f"<code>{escape(str(result.failure))}</code></p><p>Everything below is complete up to "
            f"position {result.summary['positions']:,}.</p></section>"
        )
    return text


def _tiles(result: Result, found: Explanation) -> str:
    """The headline numbers."""
    tiles = [*_money_tiles(result, found)]
    summary = result.summary
    makers = sum(story.liquidity == Liquidity.MAKER for story in found.fills)
    share = f", {100 * makers // len(found.fills)} % as maker" if found.fills else ""
    tiles += [
        (f"{summary['fills']:,}", f"fills{share}"),
        (f"{summary['orders']:,}", f"orders, {summary['requests']:,} requests"),
        (f"{summary['denied']:,} / {summary['refused']:,}", "denied / refused"),
        (f"{summary['positions']:,}", f"positions, in {summary['seconds']:.1f} s"),
        (f"{summary['ticker_equal']:,} / {summary['ticker_checked']:,}", "touch equal to ticker"),
    ]
    inner = "".join(
        f'<div class="tile"><b>{escape(value)}</b><span>{escape(label)}</span></div>'
        for value, label in tiles
    )
    return f'<div class="tiles">{inner}</div>'


def _money_tiles(result: Result, found: Explanation) -> list[tuple[str, str]]:
    """Result, fees, fall and turnover per quote asset; positions per instrument."""
    tiles = []
    market = result.market
    for asset in market.assets:
        members = [each.id for each in market.instruments if each.quote == asset.id]
        if not members:
            continue
        net = _net_by_position(result, members)
        fees = sum(_last_row(result, each)[6] for each in members)
        turnover = sum(
            notional(market.instruments[story.instrument], story.price, story.quantity)
            for story in found.fills
            if story.instrument in members
        )
        tiles += [
            (decimal(net[-1] if net else 0, asset.decimals), f"{asset.name} result after fees"),
            (decimal(fees, asset.decimals), f"{asset.name} fees"),
            *_funding_tile(result, members, asset),
            (decimal(_largest_fall(net), asset.decimals), f"{asset.name} largest fall"),
            (decimal(turnover, asset.decimals), f"{asset.name} turnover"),
        ]
    for each, name in zip(market.instruments, instrument_names(market), strict=True):
        held = decimal(_last_row(result, each.id)[3], each.quantity_decimals)
        tiles.append((held, f"{name} position at the end"))
    return tiles


def _funding_tile(result: Result, members: Sequence[int], asset: Asset) -> list[tuple[str, str]]:
    """Funding received less paid, where there was any."""
    received = [row[5] for row in result.funding_rows if row[3] in members]
    if not received:
        return []
    return [(decimal(sum(received), asset.decimals), f"{asset.name} funding received")]


def _last_row(result: Result, instrument: int) -> tuple[Any, ...]:
    rows = [row for row in result.equity_rows if row[2] == instrument]
    return rows[-1] if rows else (0, 0, instrument, 0, 0, 0, 0)


def _net_by_position(result: Result, members: Sequence[int]) -> list[int]:
    """Result after fees and funding of some instruments together, whenever one was noted."""
    latest = dict.fromkeys(members, 0)
    series = []
    for _, _, instrument, _, realised, unrealised, fees in result.equity_rows:
        if instrument in latest:
            latest[instrument] = realised + unrealised - fees
            series.append(sum(latest.values()))
    return series


def _largest_fall(values: Sequence[int]) -> int:
    """From a peak to a later low, the start included as 0."""
    peak = fall = 0
    for value in values:
        peak = max(peak, value)
        fall = max(fall, peak - value)
    return fall


# --- price, result, position ---------------------------------------------------------------------


def _runs(result: Result, found: Explanation) -> list[tuple[str, str, str]]:
    """One section an instrument."""
    sections = []
    for each, symbol in zip(
        result.market.instruments, instrument_names(result.market), strict=True
    ):
        fills = [story for story in found.fills if story.instrument == each.id]
        lines = _lines(result, each, found.prices[each.id], fills)
        text = (
            '<p class="soft">Drag to zoom, double-click to reset. \u25b2 bought, \u25bc sold; '
            "filled marks are maker fills, hollow ones taker fills. The result is what trading "
            "made since the start, the position at the mark.</p>"
        )
        if len(fills) > MARKERS_MAX:
            text += f"<p>The first {MARKERS_MAX:,} of {len(fills):,} fills are drawn.</p>"
        name = f"run-{each.id}"
        sections.append((name, symbol, text + run_chart(f"{name}-chart", lines)))
    return sections


def _lines(
    result: Result, instrument: Instrument, line: PriceLine, fills: Sequence[FillStory]
) -> RunLines:
    """What the figure of one instrument shows, thinned."""
    price_scale = 10**instrument.price_decimals
    quantity_scale = 10**instrument.quantity_decimals
    money_scale = 10 ** result.market.assets[instrument.quote].decimals
    rows = [row for row in result.equity_rows if row[2] == instrument.id]
    net = [row[4] + row[5] - row[6] for row in rows]
    quantities = [row[3] for row in rows]
    prices_kept = thinned(line.bids, line.asks)
    equity_kept = thinned(net, net)
    positions_kept = thinned(quantities, quantities)
    return RunLines(
        price_times=[line.times_ns[i] / MILLISECOND_NS for i in prices_kept],
        bids=[line.bids[i] / price_scale or None for i in prices_kept],
        asks=[line.asks[i] / price_scale or None for i in prices_kept],
        has_book=line.has_book,
        marks=_marks(instrument, fills[:MARKERS_MAX]),
        equity_times=[rows[i][1] / MILLISECOND_NS for i in equity_kept],
        net=[net[i] / money_scale for i in equity_kept],
        before_fees=[(rows[i][4] + rows[i][5]) / money_scale for i in equity_kept],
        position_times=[rows[i][1] / MILLISECOND_NS for i in positions_kept],
        positions=[quantities[i] / quantity_scale for i in positions_kept],
        quote=result.market.assets[instrument.quote].name,
        base=result.market.assets[instrument.base].name,
    )


def _marks(instrument: Instrument, fills: Sequence[FillStory]) -> list[Marks]:
    """Fills by side and role, with what hovering over one says."""
    price_scale = 10**instrument.price_decimals
    made = []
    for buys, verb in ((True, "bought"), (False, "sold")):
        for maker, role in ((True, "maker"), (False, "taker")):
            chosen = [
                story
                for story in fills
                if (story.side == Side.BUY) == buys
                and (story.liquidity == Liquidity.MAKER) == maker
            ]
            if not chosen:
                continue
            texts = [
                f"order {order_name(story)}, {verb} "
                f"{decimal(story.quantity, instrument.quantity_decimals)} at "
                f"{decimal(story.price, instrument.price_decimals)}<br>"
                f"{role}, {_cause(story)}, position {story.position:,}"
                for story in chosen
            ]
            made.append(
                Marks(
                    f"{verb} as {role}",
                    buys,
                    maker,
                    [story.venue_ns / MILLISECOND_NS for story in chosen],
                    [story.price / price_scale for story in chosen],
                    texts,
                )
            )
    return made


def _cause(story: FillStory) -> str:
    """A cause in a few words; prints apart by whether they were at the order's price."""
    if story.cause == FillCause.PRINT and story.trigger_price:
        return "print at its price" if story.trigger_price == story.price else "print through"
    return CAUSES[FillCause(story.cause)]


# --- fills ---------------------------------------------------------------------------------------

FILL_HEADERS = (
    ("number", "#"),
    ("when", "known at (UTC)"),
    ("instrument", "instrument"),
    ("order", "order"),
    ("side", "side"),
    ("number", "quantity"),
    ("number", "price"),
    ("number", "fee"),
    ("role", "role"),
    ("hidden", "cause"),
    ("why", "why it filled"),
    ("chain", "from decision to fill"),
)
"""Style and title of each column of the fill table; hidden ones are only filtered by."""


def _fills(result: Result, found: Explanation) -> str:
    """The table of fills, filled in by the page's script, and its filters."""
    causes = Counter(map(_cause, found.fills))
    counted = _table(
        ("cause", "fills"), [(cause, _count(number)) for cause, number in causes.most_common()]
    )
    if not found.fills:
        return "<p>Nothing filled.</p>"
    text = f'<div class="narrow">{counted}</div>'
    if len(found.fills) > FILLS_LISTED:
        text += f"<p>The first {FILLS_LISTED:,} of {len(found.fills):,} fills are listed.</p>"
    symbols = instrument_names(result.market)
    filters = (
        '<label>find <input id="fills-search" type="search" placeholder="order, position"></label>'
        + (_choice("instrument", 2, symbols) if len(symbols) > 1 else "")
        + _choice("side", 4, ("buy", "sell"))
        + _choice("role", 8, ("maker", "taker"))
        + _choice("cause", 9, sorted(causes))
        + '<span><button id="fills-previous" type="button">previous</button> '
        '<span id="fills-shown" aria-live="polite"></span> '
        '<button id="fills-next" type="button">next</button></span>'
    )
    head = "".join(
        f"<th{' class=number' if style == 'number' else ''}>{title}</th>"
        for style, title in _fill_columns(result)
        if style != "hidden"
    )
    return (
        f'{text}<div class="filters">{filters}</div><div class="scroll">'
        f'<table id="fill-table"><thead><tr>{head}</tr></thead><tbody></tbody></table></div>'
        "<noscript><p>This table needs JavaScript.</p></noscript>"
    )


def _fill_columns(result: Result) -> list[tuple[str, str]]:
    """`FILL_HEADERS`, without the instrument where there is only one."""
    single = len(result.market.instruments) == 1
    return [
        ("hidden" if single and title == "instrument" else style, title)
        for style, title in FILL_HEADERS
    ]


def _choice(label: str, column: int, values: Iterable[str]) -> str:
    options = "".join(f"<option>{escape(value)}</option>" for value in values)
    return (
        f'<label>{label} <select data-column="{column}"><option value="">any</option>'
        f"{options}</select></label>"
    )


def _fill_data(result: Result, found: Explanation) -> str:
    """The rows of the fill table as JSON, and the script that shows them; empty without fills."""
    if not found.fills:
        return ""
    rows = [
        _fill_row(result, number, story)
        for number, story in enumerate(found.fills[:FILLS_LISTED], start=1)
    ]
    data = {"columns": [style for style, _ in _fill_columns(result)], "rows": rows}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    data_tag = f'<script type="application/json" id="fills-data">{text}</script>'
    return f"{data_tag}<script>{_asset('report.js')}</script>"


def _fill_row(result: Result, number: int, story: FillStory) -> list[str]:
    """One fill in the columns of `FILL_HEADERS`."""
    instrument = result.market.instruments[story.instrument]
    asset = result.configuration.assets[story.fee_asset]
    return [
        f"{number:,}",
        moment(story.known_ns),
        instrument_names(result.market)[story.instrument],
        order_name(story),
        "buy" if story.side == Side.BUY else "sell",
        decimal(story.quantity, instrument.quantity_decimals),
        decimal(story.price, instrument.price_decimals),
        f"{decimal(story.fee, asset.decimals)} {asset.name}",
        name_of(Liquidity, story.liquidity),
        _cause(story),
        cause_sentence(story, instrument),
        chain_sentence(story),
    ]


# --- orders and refusals -------------------------------------------------------------------------


def _outcomes(result: Result) -> str:
    """Orders by their status at the end, and Intents by how they ended."""
    statuses = Counter(row[11] for row in result.order_rows)
    if not statuses:
        return "<p>No order was sent.</p>"
    ordered = sorted(statuses.items(), key=lambda each: (-each[1], each[0]))
    chart = bar_chart(
        "orders-chart",
        [name_of(Status, code) for code, _ in ordered],
        [("orders", [number for _, number in ordered], BLUE)],
        "Orders by status at the end",
        sideways=True,
    )
    kinds = Counter(row[3] for row in result.request_rows)
    requests = [(name_of(CommandKind, kind), _count(kinds[kind])) for kind in sorted(kinds)]
    closed = Counter(fields[3] for fields in _records(result, RecordKind.INTENT_CLOSED))
    outcomes = [(name_of(IntentOutcome, code), _count(closed[code])) for code in sorted(closed)]
    tables = "<div><h3>Requests sent</h3>" + _table(("kind", "count"), requests) + "</div>"
    if result.outputs:
        ended = _table(("outcome", "count"), outcomes)
        tables += f"<div><h3>How commands ended</h3>{ended}</div>"
    return f'{chart}<div class="columns">{tables}</div>'


def _records(result: Result, kind: int) -> list[tuple[int, ...]]:
    """The fields of every kept record of one kind."""
    return [row[3] for row in result.outputs if row[2] == kind]


def _refusals(result: Result) -> str:
    """Who said no, how often, why, and where it first happened."""
    text = (
        '<p class="soft">Risk denies a command before it is sent, and a table of the specification '
        "refuses an event that does not apply: neither changes State. The venue rejects a request: "
        "that ends the request, and a new order with it.</p>"
    )
    if not result.outputs:
        counts = f"{result.summary['denied']:,} denied, {result.summary['refused']:,} refused"
        return f"{text}<p>{counts}; their codes were not kept by this run.</p>"
    told: dict[tuple[str, str], list[int]] = {}
    for position, _, kind, fields in result.outputs:
        if kind == RecordKind.DENIED:
            about = ("denied by risk", coded(DenyCode, fields[4]))
        elif kind == RecordKind.REFUSED:
            source = name_of(RefusalSource, fields[3])
            codes = REFUSAL_CODES.get(fields[3], IntEnum)
            about = (f"refused by {source}", coded(codes, fields[4]))
        elif kind == RecordKind.SURFACED:
            about = ("surfaced", coded(SurfacedReason, fields[0]))
        else:
            continue
        told.setdefault(about, []).append(position)
    told |= _venue_refusals(result)
    rows = [
        (*about, _count(len(positions)), _count(positions[0]))
        for about, positions in sorted(told.items(), key=lambda each: (each[0][0], -len(each[1])))
    ]
    return text + _table(("by", "code", "count", "first at position"), rows)


def _venue_refusals(result: Result) -> dict[tuple[str, str], list[int]]:
    """Requests the venue refused, by kind and reason; what the stream tells, where it was kept."""
    told: dict[tuple[str, str], list[int]] = {}
    stream = result.stream
    if stream is None:
        return told
    kinds = {
        int(EventKind.REJECTED): "order rejected by the venue",
        int(EventKind.CANCEL_REJECTED): "cancel rejected by the venue",
        int(EventKind.REPLACE_REJECTED): "replace rejected by the venue",
    }
    for position, kind in enumerate(stream.kind):
        if kind in kinds:
            reason = stream.payload[stream.offset[position] + 17]
            told.setdefault((kinds[kind], coded(Reason, reason)), []).append(position)
    return told


# --- latency -------------------------------------------------------------------------------------


def _latency(result: Result, found: Explanation) -> str:
    """How long answers took and how long orders waited for their fill."""
    answers = _answer_times(result)
    waits = [story.known_ns - story.sent_ns for story in found.fills if story.sent_ns >= 0]
    delays, stride = _feed_delays(result)
    rows = [_quantiles("request sent to answer received", answers)]
    rows.append(_quantiles("request sent to fill known", waits))
    label = "market data: venue's stamp to recorder's, two clocks"
    rows.append(_quantiles(label + (f" (each {stride}th)" if stride > 1 else ""), delays))
    text = (
        f'<p class="soft">Simulated latency: {escape(latency_words(result.settings))}. '
        "A fill takes as long as the order has to wait for it.</p>"
        + _table(("span", "count", "least", "median", "95 %", "most"), filter(None, rows))
    )
    if result.stream is None:
        text += "<p>Times of answers need the run's event stream, which was not kept.</p>"
    series = [
        (name, _binned(values), colour)
        for name, values, colour in (
            ("request to answer", answers, BLUE),
            ("request to fill", waits, VERMILLION),
        )
        if values
    ]
    if not series:
        return text
    used = [place for place in range(len(BINS)) if any(counts[place] for _, counts, _ in series)]
    shown = slice(used[0], used[-1] + 1)
    return text + bar_chart(
        "latency-chart",
        [name for name, _ in BINS[shown]],
        [(name, counts[shown], colour) for name, counts, colour in series],
        "Requests and fills by time taken",
    )


def _answer_times(result: Result) -> list[int]:
    """Nanoseconds from each Request's dispatch to the event that answered it."""
    times = position_times(result)
    if not times:
        return []
    sent = {row[2]: at for row, at in zip(result.request_rows, result.sent_ns, strict=True)}
    answered = (IntentOutcome.ANSWERED, IntentOutcome.REFUSED_BY_VENUE)
    return [
        times[position] - sent[fields[1]]
        for position, _, kind, fields in result.outputs
        if kind == RecordKind.INTENT_CLOSED and fields[3] in answered and fields[1] in sent
    ]


def _feed_delays(result: Result) -> tuple[list[int], int]:
    """Capture time less Event Time of market messages, and of each how many-th."""
    columns = result.market.columns
    stride = max(-(-len(columns) // SAMPLE_MAX), 1)
    chosen = range(0, len(columns), stride)
    delays = [
        columns.capture_time_ns[i] - columns.event_time_ns[i]
        for i in chosen
        if columns.kind[i] < FIRST_EXECUTION_KIND
    ]
    return delays, stride


def _quantiles(label: str, values: Sequence[int]) -> tuple[str | Cell, ...] | None:
    """A row of the latency table; None without values."""
    if not values:
        return None
    ranked = sorted(values)
    last = len(ranked) - 1
    chosen = [ranked[last * part // 100] for part in (0, 50, 95, 100)]
    return (label, _count(len(ranked)), *(Cell(duration(value)) for value in chosen))


def _binned(values: Iterable[int]) -> list[int]:
    """How many values fall in each of BINS."""
    counts = [0] * len(BINS)
    for value in values:
        place = next(index for index, (_, upper) in enumerate(BINS) if value <= upper)
        counts[place] += 1
    return counts


# --- funding -------------------------------------------------------------------------------------


def _funding(result: Result) -> list[tuple[str, str, str]]:
    """What positions paid and received; nothing where the stream has no funding."""
    summary = result.summary
    if not summary["funding_rates"]:
        if result.settings.funding == "off":
            return []
        text = "<p>The recording tells no funding rate: nothing was due.</p>"
        return [("funding", "Funding", text)]
    if result.settings.funding == "off":
        text = "<p>The recording tells funding rates; they are not paid (funding = off).</p>"
        return [("funding", "Funding", text)]
    rows: list[tuple[str | Cell, ...]] = []
    for each, name in zip(result.market.instruments, instrument_names(result.market), strict=True):
        amounts = [row[5] for row in result.funding_rows if row[3] == each.id]
        if amounts:
            places = result.market.assets[each.quote].decimals
            paid = -sum(amount for amount in amounts if amount < 0)
            got = sum(amount for amount in amounts if amount > 0)
            cells = (Cell(decimal(got, places)), Cell(decimal(paid, places)))
            rows.append((name, _count(len(amounts)), *cells))
    text = _table(("instrument", "payments", "received", "paid"), rows)
    said = {
        "times a position was held at a funding time without a mark: nothing was paid": (
            summary["funding_unpaid"]
        ),
        "rates told after their time: not taken": summary["funding_late"],
    }
    text += "".join(f"<p>{number:,} {words}.</p>" for words, number in said.items() if number)
    return [("funding", "Funding", text)]


# --- data and configuration ----------------------------------------------------------------------


def _quality(result: Result) -> str:
    """What the reader and the book check found."""
    summary = result.summary
    checked, equal = summary["ticker_checked"], summary["ticker_equal"]
    if checked:
        verdict = f"The rebuilt touch equals the venue's own ticker {equal:,} of {checked:,} times"
        verdict += ", price and size." if equal == checked else f": {checked - equal:,} differ."
    else:
        verdict = "The data holds no ticker to check the rebuilt book against."
    trouble = {
        "crossed books": summary["crossed_books"],
        "sequence gaps": summary["sequence_gaps"],
        "stamps going backwards": summary["backwards_stamps"],
    }
    said = ", ".join(f"{number:,} {name}" for name, number in trouble.items())
    counts = [asdict(feed.counts) for feed in result.market.feeds]
    names = list(counts[0]) if counts else []
    rows: list[tuple[str | Cell, ...]] = [
        (name.replace("_", " "), *(_count(each[name]) for each in counts))
        for name in names
        if any(each[name] for each in counts)
    ]
    verdict += _clock_words(result)
    headers = ("counted while reading", *instrument_names(result.market))
    return f'<p>{verdict} {said}.</p><div class="half">{_table(headers, rows)}</div>'


def _clock_words(result: Result) -> str:
    """What the stamps say of each recorder's clock, and what was done about it; "" for nothing."""
    text = ""
    for name, found in result.summary["clocks"].items():
        if not found["least_ns"] and not found["offset_ns"]:
            continue
        least = duration(found["least_ns"])
        text += f" The clock that recorded {escape(name)} is behind the venue's by {least} at least"
        if found["offset_ns"]:
            text += f"; {duration(found['offset_ns'])} were added to its stamps"
        else:
            text += ", and no offset is set (clock_offset)"
        text += f": {found['early']:,} of {found['messages']:,} messages captured too early."
    return text


def _configuration(result: Result) -> str:
    """Settings, instruments and everything that names this run exactly."""
    summary = result.summary
    apart = ("strategy", "param", "data", *TABLES)
    settings: dict[str, object] = {"strategy": result.settings.strategy}
    parameters = dict(result.strategies[0].parameters)
    settings |= {f"parameter {name}": value for name, value in parameters.items()}
    plain = asdict(result.settings)
    settings |= {name: value for name, value in plain.items() if name not in apart}
    risk = asdict(result.settings.risk)
    settings |= {f"risk {name}": value for name, value in risk.items() if value}
    settings |= _fees_and_delays(result.settings)
    for bucket in result.settings.bucket:
        settings[f"bucket {bucket.name}"] = (
            f"{bucket.capacity}, {bucket.refill} / {bucket.interval}"
        )
    for symbol, rules in result.settings.venue.items():
        asked = {name: value for name, value in asdict(rules).items() if value}
        settings |= {f"venue {symbol} {name}": value for name, value in asked.items()}
    names = ("digest", "state_digest", "dataset_hash", "config_hash", "strategy_hash")
    hashes: dict[str, object] = {name: summary[name] for name in names}
    hashes |= {"build": summary["build"], "version": VERSION}
    instruments = _table(
        ("instrument", "kind", "tick", "lot step", "maker fee", "taker fee"),
        [_instrument_row(each) for each in result.configuration.instruments],
    )
    return (
        '<div class="columns"><div><h3>Settings</h3>'
        + _pairs(settings)
        + "</div><div><h3>Hashes</h3>"
        + _pairs(hashes, code=True)
        + "<h3>Instruments</h3>"
        + instruments
        + "</div></div>"
    )


def _fees_and_delays(settings: Settings) -> dict[str, object]:
    """What there is of tiers, discount and delays, a line each."""
    told: dict[str, object] = {}
    for tier in settings.fee_tier:
        told[f"fees from {tier.traded} traded"] = f"maker {tier.maker}, taker {tier.taker}"
    discount = settings.fee_discount
    if discount.asset:
        told[f"fees in {discount.asset}"] = f"less {discount.discount}, at {discount.price}"
    if settings.delay != DelaySettings():
        told["delays"] = latency_words(settings)
    return told


def _instrument_row(instrument: Instrument) -> tuple[str | Cell, ...]:
    rates = (instrument.maker_fee_e8, instrument.taker_fee_e8)
    return (
        instrument.symbol,
        "linear" if instrument.kind else "spot",
        Cell(decimal(instrument.tick, instrument.price_decimals)),
        Cell(decimal(instrument.lot_step, instrument.quantity_decimals)),
        *(Cell(f"{decimal(rate, 6)} %") for rate in rates),
    )
