"""The charts of a report, as HTML fragments made by plotly; the page around them is `report`.

Decides how a run looks: one figure an instrument with price and fills, result and position on one
time axis; bars for what became of orders and for latencies. Colours are of the set by Okabe and
Ito, which readers with any colour vision tell apart, and no mark differs by colour alone. Long
lines are thinned in a way that keeps every extreme of a bucket, so a thinned chart shows no less
range than the run had.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from tickproof.runtime.errors import MissingExtra

BLUE = "#0072B2"
VERMILLION = "#D55E00"
GREEN = "#009E73"
GREY = "#5f6b76"
LIGHT = "#9fb3c4"
GRID = "#e6eaee"
INK = "#1f2933"

POINTS_MAX = 3_000
"""About how many points of a line are drawn."""

MARKERS_MAX = 2_000
"""How many fills are drawn on the price; the page says when there are more."""

CONFIG = {"displaylogo": False, "responsive": True}

FONT = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"


@frozen
class Marks:
    """Fills of one side and role: stamps in ms, prices, hover texts."""

    name: str
    buys: bool
    maker: bool
    times: Sequence[float]
    prices: Sequence[float]
    texts: Sequence[str]


@frozen
class RunLines:
    """What one instrument's figure shows; stamps in ms since 1970, everything in its own unit."""

    price_times: Sequence[float]
    bids: Sequence[float | None]
    asks: Sequence[float | None]
    has_book: bool
    marks: Sequence[Marks]
    equity_times: Sequence[float]
    net: Sequence[float]
    before_fees: Sequence[float]
    position_times: Sequence[float]
    positions: Sequence[float]
    quote: str
    base: str


def plotly_library() -> Any:
    """plotly's modules; raises `MissingExtra`."""
    try:
        import plotly.graph_objects  # noqa: PLC0415
        import plotly.io  # noqa: PLC0415
        import plotly.offline  # noqa: PLC0415
        import plotly.subplots  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtra("run", "the report") from error
    return plotly


def library_script() -> str:
    """The plotly library itself, for a page that needs no network."""
    return str(plotly_library().offline.get_plotlyjs())


def thinned(lows: Sequence[int], highs: Sequence[int], limit: int = POINTS_MAX) -> list[int]:
    """Indices to draw, rising: both ends, and the extremes of each of limit / 4 buckets."""
    count = len(lows)
    if count <= limit:
        return list(range(count))
    buckets = limit // 4
    kept: set[int] = set()
    for bucket in range(buckets):
        first, stop = bucket * count // buckets, (bucket + 1) * count // buckets
        span = range(first, stop)
        kept |= {first, stop - 1, min(span, key=lows.__getitem__), max(span, key=highs.__getitem__)}
    return sorted(kept)


def run_chart(name: str, lines: RunLines) -> str:
    """Price with fills, result and position of one instrument."""
    library = plotly_library()
    titles = (
        f"Price and fills ({lines.quote})",
        f"Result since the start ({lines.quote})",
        f"Position ({lines.base})",
    )
    figure = library.subplots.make_subplots(
        rows=3,
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.07,
        row_heights=[0.5, 0.27, 0.23],
        subplot_titles=titles,
    )
    _add_prices(library, figure, lines)
    _add_marks(library, figure, lines.marks)
    _add_result(library, figure, lines)
    line = library.graph_objects.Scatter
    figure.add_trace(
        line(
            x=lines.position_times,
            y=lines.positions,
            name="position",
            line={"color": GREEN, "width": 1.5, "shape": "hv"},
            fill="tozeroy",
            fillcolor="rgba(0, 158, 115, 0.15)",
            hovertemplate="%{y} " + lines.base + "<extra>position</extra>",
            showlegend=False,
        ),
        row=3,
        col=1,
    )
    figure.update_xaxes(type="date")
    figure.update_xaxes(title_text="time (UTC)", row=3, col=1)
    return _fragment(library, figure, name, 780)


def _add_prices(library: Any, figure: Any, lines: RunLines) -> None:
    """The touch as two steps, or one line of prices where the data has no book."""
    named = [("bid", lines.bids, BLUE), ("ask", lines.asks, VERMILLION)]
    if not lines.has_book:
        named = [("price", lines.bids, GREY)]
    for label, values, colour in named:
        figure.add_trace(
            library.graph_objects.Scatter(
                x=lines.price_times,
                y=values,
                name=label,
                line={"color": colour, "width": 1, "shape": "hv"},
                opacity=0.55,
                hovertemplate="%{y}<extra>" + label + "</extra>",
            ),
            row=1,
            col=1,
        )


def _add_marks(library: Any, figure: Any, marks: Sequence[Marks]) -> None:
    """Fills: up is bought, down is sold; filled is maker, hollow is taker."""
    for each in marks:
        symbol = "triangle-up" if each.buys else "triangle-down"
        colour = BLUE if each.buys else VERMILLION
        figure.add_trace(
            library.graph_objects.Scatter(
                x=each.times,
                y=each.prices,
                mode="markers",
                name=each.name,
                text=each.texts,
                hovertemplate="%{text}<extra></extra>",
                marker={
                    "symbol": symbol if each.maker else f"{symbol}-open",
                    "size": 9,
                    "color": colour,
                    "line": {
                        "width": 1 if each.maker else 1.5,
                        "color": INK if each.maker else colour,
                    },
                },
            ),
            row=1,
            col=1,
        )


def _add_result(library: Any, figure: Any, lines: RunLines) -> None:
    """Result after fees, and before them dotted."""
    styles = (
        ("before fees", lines.before_fees, {"color": GREY, "width": 1, "dash": "dot"}),
        ("after fees", lines.net, {"color": INK, "width": 1.8}),
    )
    for label, values, line in styles:
        figure.add_trace(
            library.graph_objects.Scatter(
                x=lines.equity_times,
                y=values,
                name=label,
                line={**line, "shape": "hv"},
                hovertemplate="%{y} " + lines.quote + "<extra>" + label + "</extra>",
            ),
            row=2,
            col=1,
        )
    figure.add_hline(y=0, line={"color": LIGHT, "width": 1}, row=2, col=1)


def bar_chart(
    name: str,
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[int], str]],
    title: str,
    sideways: bool = False,
) -> str:
    """Counts by label, one bar or a group of bars each; every bar carries its number."""
    library = plotly_library()
    figure = library.graph_objects.Figure()
    for label, counts, colour in series:
        axes = {"x": counts, "y": labels} if sideways else {"x": labels, "y": counts}
        texts = [f"{count:,}" if count else "" for count in counts]
        figure.add_trace(
            library.graph_objects.Bar(
                **axes,
                name=label,
                orientation="h" if sideways else "v",
                text=texts,
                textposition="outside",
                cliponaxis=False,
                marker={"color": colour, "pattern": {"shape": "" if colour == BLUE else "/"}},
                hoverinfo="skip",
            )
        )
    figure.update_layout(title={"text": title, "font": {"size": 14}}, barmode="group")
    if sideways:
        figure.update_yaxes(autorange="reversed")
        figure.update_xaxes(rangemode="tozero")
    height = 110 + 34 * len(labels) if sideways else 300
    return _fragment(library, figure, name, height, legend=len(series) > 1, tools=False)


def _fragment(
    library: Any,
    figure: Any,
    name: str,
    height: int,
    legend: bool = True,
    tools: bool = True,
) -> str:
    """The figure in the page's style; `tools`: with buttons to zoom and save."""
    figure.update_layout(
        height=height,
        margin={"l": 70, "r": 24, "t": 56, "b": 50},
        paper_bgcolor="white",
        plot_bgcolor="white",
        font={"family": FONT, "size": 13, "color": INK},
        showlegend=legend,
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1.01, "yanchor": "bottom"},
        hoverlabel={"align": "left", "bgcolor": "white", "font": {"color": INK}},
        dragmode="zoom",
    )
    figure.update_annotations(x=0, xanchor="left", font={"size": 14})
    figure.update_xaxes(gridcolor=GRID, linecolor=LIGHT, zeroline=False, showline=True)
    figure.update_yaxes(gridcolor=GRID, linecolor=LIGHT, zeroline=False, automargin=True)
    # Plain numbers: nobody should have to read 63.95k or 1e-5.
    figure.update_yaxes(exponentformat="none", separatethousands=True)
    return str(
        library.io.to_html(
            figure,
            include_plotlyjs=False,
            full_html=False,
            div_id=name,
            config={**CONFIG, "displayModeBar": tools},
            default_height=f"{height}px",
        )
    )
