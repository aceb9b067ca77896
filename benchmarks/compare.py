"""`python -m benchmarks.compare --peers DIR`: others and this project, interleaved, same feeds.

    python -m benchmarks.compare --peers DIR [--rounds 5] [--only TEXT] [--out results.jsonl]
    python -m benchmarks.compare --peers DIR --plan
    python -m benchmarks.compare --report results.jsonl --into docs

Each round runs every case once, in a process of its own, so that what disturbs a machine disturbs
all. DIR holds the others' scripts, each printing the same JSON line; a script whose environment is
not there is passed over and named. `benchmarks/hftbacktest_touch.py` is the fastest of them under
our condition of waking. `PEERS_HOME` is where feeds and environments are. Which build of ours is
asked for is checked by the run itself: the compiled one has to be installed, or first on the path;
the pure one is the same with `TICKPROOF_PURE=1`. `--report` draws a table of medians, the ratio to
the fastest, and a picture: `compare.md` and `_static/compare.svg` in the folder.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Case = tuple[str, list[str]]
FEEDS = {"W1": "f1", "W2": "f2", "W3": "f2", "W4": "f3"}
WAKES = {"W1": ("every", "touch"), "W2": ("every", "touch"), "W3": ("every", "touch")}
TITLES = {
    "W1": "prints, a strategy that does nothing",
    "W2": "depth and prints, a strategy that does nothing",
    "W3": "one lot at each touch",
    "W4": "bars, EMA cross",
}
OTHERS = {
    "peer_hftbacktest.py": (
        "venv_hbt",
        (
            ("W1",),
            ("W2",),
            ("W3",),
            ("W1", "--mode", "nojit"),
            ("W2", "--mode", "nojit"),
            ("W3", "--mode", "nojit"),
        ),
    ),
    "peer_nautilus.py": ("venv", (("W1",), ("W2",), ("W3",), ("W4",))),
    "peer_vnpy.py": ("venv_vnpy", (("W1",), ("W4",))),
    "peer_basana.py": ("venv_misc", (("W1",), ("W4",))),
    "peer_backtestingpy.py": ("venv_misc", (("W1",), ("W4",))),
    "peer_backtrader.py": ("venv_misc", (("W1",), ("W4",))),
}


def home() -> Path:
    """Where feeds and environments are."""
    return Path(os.environ.get("PEERS_HOME", Path(tempfile.gettempdir()) / "peers"))


def own_cases(builds: list[str], events: int, bars: int) -> Iterator[Case]:
    """(name, command) of this project's runs."""
    for build in builds:
        for workload, prefix in FEEDS.items():
            length = bars if workload == "W4" else events
            feed = home() / "data" / f"{prefix}_{length}.npy"
            for wake in WAKES.get(workload, ("every",)):
                options = ["--workload", workload, "--wake", wake, "--build", build]
                model = ["--fill-model", "calibrated"] if workload == "W3" else []
                command = [sys.executable, "-m", "benchmarks", *options, *model]
                command += ["--feed", str(feed)]
                yield f"{build} {workload} {wake}", command
                if build == "compiled":
                    yield f"{build} {workload} {wake}, plain", [*command, "--strategy", "plain"]


def touch_cases(events: int) -> Iterator[Case]:
    """(name, command) of hftbacktest woken as we are; passed over like the others' scripts."""
    python = home() / "venv_hbt" / "bin" / "python"
    if not python.exists():
        return
    script = Path(__file__).with_name("hftbacktest_touch.py")
    for workload in ("W1", "W2", "W3"):
        feed = home() / "data" / f"{FEEDS[workload]}_{events}.npy"
        command = [str(python), "-W", "ignore", str(script), "--workload", workload]
        yield f"peer_hftbacktest touch {workload}", [*command, "--feed", str(feed)]


def other_cases(scripts: Path, events: int, bars: int) -> Iterator[Case]:
    """(name, command) of the others' runs; an environment that is missing is named."""
    for script, (environment, runs) in OTHERS.items():
        python = home() / environment / "bin" / "python"
        if not python.exists() or not (scripts / script).exists():
            print(f"passed over: {script} ({python} is not there)", file=sys.stderr)
            continue
        for workload, *options in runs:
            length = str(bars if workload == "W4" else events)
            chosen = ["--workload", workload, "--n", length, *options]
            yield (
                f"{script} {workload} {' '.join(options)}",
                [
                    str(python),
                    "-W",
                    "ignore",
                    str(scripts / script),
                    *chosen,
                ],
            )


def measure(name: str, command: list[str], cwd: Path | None, environment: dict[str, str]) -> Row:
    """One run in a process of its own; the last JSON line it prints."""
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env=environment, check=False
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines or done.returncode:
        print(f"failed: {name}: {done.stderr.strip()[-300:]}", file=sys.stderr)
        return {}
    row: Row = {"case": name, **json.loads(lines[-1])}
    print(f"{name}: {row['events_per_s']:,} events/s", file=sys.stderr, flush=True)
    return row


def run(arguments: argparse.Namespace) -> None:
    """All rounds; rows are appended as they come."""
    cases = list(own_cases(arguments.builds, arguments.n, arguments.bars))
    cases += touch_cases(arguments.n)
    cases += other_cases(arguments.peers, arguments.n, arguments.bars)
    cases = [case for case in cases if arguments.only in case[0]]
    if arguments.plan:
        for name, command in cases:
            print(f"{name}: {' '.join(command)}")
        return
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    for number in range(arguments.rounds):
        for name, command in cases:
            environment = dict(os.environ)
            if name.startswith("pure"):
                environment["TICKPROOF_PURE"] = "1"
            where = arguments.peers if name.startswith("peer_") else None
            row = measure(name, command, where, environment)
            if row:
                row |= {"round": number, "load": round(os.getloadavg()[0], 1)}
                with arguments.out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")


# --- report --------------------------------------------------------------------------------------


def grouped(path: Path) -> dict[str, list[Row]]:
    """Rows by case, in the order they first came."""
    found: dict[str, list[Row]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found.setdefault(row["case"], []).append(row)
    return found


def title_of(row: Row) -> str:
    """Who ran."""
    if row["peer"].startswith("tickproof"):
        plain = row["build"] == "compiled" and row["strategy"] == "plain"
        form = "compiled, plain strategy" if plain else row["build"]
        return f"tickproof, {form}, woken on {row['wake']}"
    woken = "" if "woken" in row or row["workload"] == "W4" else ", woken on every"
    return f"{row['peer']}{woken}"


def median(rows: list[Row], field: str) -> float:
    """Of the rounds that have the field."""
    values = [row[field] for row in rows if field in row]
    return float(statistics.median(values)) if values else 0.0


def table(groups: dict[str, list[Row]]) -> str:
    """A Markdown table of medians, by workload; the ratio is to the fastest of the workload."""
    names = ("workload", "engine", "runs", "events/s", "ratio", "per processor second", "orders")
    head = (*names, "fills", "process s", "MB")
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for workload in FEEDS:
        rows_of = [rows for rows in groups.values() if rows[0]["workload"] == workload]
        rows_of.sort(key=lambda rows: -median(rows, "events_per_s"))
        for rows in rows_of:
            first = rows[0]
            used = median(rows, "user_s")
            rate = f"{first['events'] / used:,.0f}" if used else "-"
            ratio = median(rows, "events_per_s") / max(median(rows_of[0], "events_per_s"), 1.0)
            lines.append(
                f"| {workload} | {title_of(first)} | {len(rows)} "
                f"| {median(rows, 'events_per_s'):,.0f} | {ratio:.3f} | {rate} "
                f"| {first['orders']:,} | {first['fills']:,} | {median(rows, 'process_s'):.1f} "
                f"| {median(rows, 'rss_mb'):.0f} |"
            )
    return "\n".join(lines) + "\n"


def page(groups: dict[str, list[Row]], drawn: str) -> str:
    """The page the documentation includes: when it was quiet is told by the load."""
    rows = [row for group in groups.values() for row in group]
    loads = sorted(row["load"] for row in rows)
    rounds = len({row["round"] for row in rows})
    return (
        "---\norphan: true\n---\n\n# Comparison\n\n"
        f"Medians of {rounds} interleaved rounds, each run a process of its own, "
        f"at a load of {loads[0]} to {loads[-1]}. "
        "See [benchmarks](benchmarks.md) for what the columns mean and how to repeat it.\n\n"
        f"![events a second](_static/compare.svg)\n\n{drawn}"
    )


def picture(groups: dict[str, list[Row]]) -> str:
    """Bars of events/s, each workload on a scale of its own, as SVG with nothing from elsewhere."""
    parts: list[str] = []
    top = 20
    for workload, title in TITLES.items():
        rows_of = [rows for rows in groups.values() if rows[0]["workload"] == workload]
        if not rows_of:
            continue
        parts.append(f'<text x="10" y="{top}" font-weight="bold">{workload}: {title}</text>')
        top += 10
        fastest = max(median(rows, "events_per_s") for rows in rows_of)
        for rows in sorted(rows_of, key=lambda rows: -median(rows, "events_per_s")):
            rate = median(rows, "events_per_s")
            width = max(rate / fastest * 400, 1)
            own = rows[0]["peer"].startswith("tickproof")
            colour = "#1f6f8b" if own else "#b0b0b0"
            parts.append(
                f'<rect x="250" y="{top}" width="{width:.0f}" height="12" fill="{colour}"/>'
            )
            parts.append(
                f'<text x="244" y="{top + 10}" text-anchor="end">{title_of(rows[0])}</text>'
            )
            parts.append(f'<text x="{256 + width:.0f}" y="{top + 10}">{rate:,.0f}</text>')
            top += 17
        top += 18
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="740" height="{top}" '
        'font-family="sans-serif" font-size="11">'
        '<rect width="100%" height="100%" fill="white"/>'
    )
    return head + "".join(parts) + "</svg>\n"


def main() -> int:
    """Run, or report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("--peers", type=Path, help="folder of the others' scripts")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--n", type=int, default=1_000_000)
    parser.add_argument("--bars", type=int, default=200_000)
    parser.add_argument("--only", default="", help="cases with this in their name")
    parser.add_argument("--builds", nargs="+", default=["pure", "compiled"])
    parser.add_argument("--plan", action="store_true", help="print the cases, run none")
    parser.add_argument("--out", type=Path, default=Path("build/compare.jsonl"))
    parser.add_argument("--report", type=Path, help="draw what was measured")
    parser.add_argument("--into", type=Path, default=Path("docs"))
    arguments = parser.parse_args()
    if arguments.report is not None:
        groups = grouped(arguments.report)
        (arguments.into / "_static").mkdir(exist_ok=True)
        picture_path = arguments.into / "_static" / "compare.svg"
        picture_path.write_text(picture(groups), encoding="utf-8")
        drawn = table(groups)
        (arguments.into / "compare.md").write_text(page(groups, drawn), encoding="utf-8")
        print(drawn, end="")
        return 0
    if arguments.peers is None:
        parser.error("--peers or --report is needed")
    run(arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
