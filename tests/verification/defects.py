"""`defects`: what other engines got wrong, a named test each, which fails when it is planted.

Tests are found by name, `test_pdNN_...`, anywhere under tests. Each defect is planted by exchanging
one piece of a source text, in a process of its own; a test of that defect must then fail, and
must pass on the sources as they are. Those of parts that are not built are named and open.

The table of what was reported where is in the decisions and in each test; here is what it looks
like as code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from attrs import frozen

from tests.verification.figures import PROJECT, Figure, figure
from tests.verification.planting import Job, exchanged, run

LISTED = tuple(f"PD{number:02}" for number in range(1, 29))

OPEN: dict[str, str] = {}
"""Defects of parts that are not built, with the reason."""

NAME = re.compile(r"test_(pd\d\d)_\w+")


@frozen
class Plant:
    """Texts to exchange, each (module, old, new); `old` stands there exactly once.

    Where kernel and specification do a thing, both are changed: that they differ would be noticed
    anyway, and says nothing of the defect.
    """

    defect: str
    edits: tuple[tuple[str, str, str], ...]


def plant(defect: str, *texts: str) -> Plant:
    """A plant from module, old, new, module, old, new, ..."""
    return Plant(defect, tuple(zip(texts[::3], texts[1::3], texts[2::3], strict=True)))


LIFE = "tickproof.spec.order_life"
STATUS = "tickproof.spec.execution"

PLANTS: tuple[Plant, ...] = (
    plant(
        "PD01",
        "tickproof.venue.reports",
        "        order.executed += lots\n",
        "        if order.executed + lots < order.total:\n            return\n"
        "        order.executed += lots\n",
    ),
    plant(
        "PD02",
        "tickproof.venue.reports",
        "        said.cause = cause\n",
        "        said.cause = 0\n",
    ),
    plant(
        "PD03",
        "tickproof.venue.price_queue",
        "            self._add_candidate(as_of_ns, size - later)\n",
        "            self._add_candidate(as_of_ns, 0 if size < old else size - later)\n",
    ),
    plant(
        "PD04",
        LIFE,
        "    return _with_leg(order, index, changed)\n\n\ndef void(",
        "    return evolve(_with_leg(order, index, changed), pending=None)\n\n\ndef void(",
    ),
    plant(
        "PD05",
        LIFE,
        "    return bind(settle(order, report), report)\n",
        "    fresh = tuple(evolve(leg, executed=0) for leg in order.legs)\n"
        "    return bind(settle(evolve(order, legs=fresh), report), report)\n",
    ),
    plant(
        "PD06",
        LIFE,
        "    wanted = _requested_total(order, report) - sum(leg.executed for leg in older)\n"
        "    return evolve(\n        settle(order, report),\n"
        "        legs=(*older, _with_total(",
        "    wanted = _requested_total(order, report) + executed(order)\n"
        "    return evolve(\n        settle(order, report),\n"
        "        legs=(*older, _with_total(",
    ),
    plant(
        "PD07",
        LIFE,
        "    leg = order.legs[index]\n    beyond = max(report.quantity",
        "    leg = order.legs[index]\n    if report.quantity > room(leg):\n"
        "        raise ValueError('overfill')\n    beyond = max(report.quantity",
    ),
    plant(
        "PD08",
        STATUS,
        "    pool = inferred_pool(execution, order_id) if is_new and is_real else 0\n",
        "    pool = 0\n",
        "tickproof.kernel.execution",
        "            absorbed = min(said.quantity, self.inferred_pool(order_id))\n",
        "            absorbed = 0\n",
    ),
    plant(
        "PD09",
        LIFE,
        "        return order, rule.code\n",
        "        return evolve(order, price=report.price + 1), rule.code\n",
    ),
    plant(
        "PD09",
        STATUS,
        "        return noted(applied, refused_record(ticket, order_id, source, code)), int(code)\n"
        "    is_new",
        "        applied = noted(applied, fill_output(body, ticket, order_id, fill))\n"
        "        return noted(applied, refused_record(ticket, order_id, source, code)), int(code)\n"
        "    is_new",
    ),
    plant(
        "PD10",
        LIFE,
        "        go(answers_pending, put_in_doubt),\n",
        "        go(answers_pending, put_in_doubt, Life.REJECTED),\n",
    ),
    plant(
        "PD11",
        LIFE,
        "    return _with_leg(order, index, changed)\n\n\ndef void(",
        "    return evolve(_with_leg(order, index, changed), pending=None)\n\n\ndef void(",
    ),
    plant(
        "PD12",
        LIFE,
        "        go(fresh_and_final, fill),\n        go(fresh_and_inferred, revive_filled, "
        "Life.WORKING),\n        go(fill_tombstoned, unchanged),\n",
        "        go(fresh_and_final, fill, Life.WORKING),\n        go(fresh_and_inferred, "
        "revive_filled, Life.WORKING),\n        go(fill_tombstoned, unchanged),\n",
    ),
    plant(
        "PD13",
        STATUS,
        "    missing = body.executed - order_life.executed(ticket.order)\n",
        "    missing = body.executed\n",
        "tickproof.kernel.execution",
        "        missing = values[6] - order.executed\n",
        "        missing = values[6]\n",
    ),
    plant(
        "PD14",
        "tickproof.kernel.kernel",
        "        for each in self.strategies:\n            if not each.enabled:\n"
        "                continue\n            mask = market_mask",
        "        names = {s.id: s.name for s in self.configuration.strategies}\n"
        "        for each in sorted(self.strategies, key=lambda s: names[s.id]):\n"
        "            if not each.enabled:\n                continue\n"
        "            mask = market_mask",
        "tickproof.spec.step",
        "    for settings, strategy in zip(configuration.strategies, strategies, strict=True):\n",
        "    pairs = zip(configuration.strategies, strategies, strict=True)\n"
        "    for settings, strategy in sorted(pairs, key=lambda pair: pair[0].name):\n",
    ),
    plant(
        "PD15",
        "tickproof.venue.resting",
        "        own = market.bids if order.side > 0 else market.asks\n"
        "        queue = own.queue_at(order.price)\n        order.shown",
        "        market = self._markets[-1]\n"
        "        own = market.bids if order.side > 0 else market.asks\n"
        "        queue = own.queue_at(order.price)\n        order.shown",
    ),
    plant(
        "PD16",
        "tickproof.spec.risk",
        "    return facts.account_known != 1\n",
        "    return False\n",
    ),
    plant(
        "PD17",
        "tickproof.spec.risk",
        "        return position > 0 and open_reducing + quantity <= position\n",
        "        return position > 0\n",
    ),
    plant(
        "PD18",
        LIFE,
        "        go(fresh_and_final, fill),\n        go(fresh_and_inferred, revive_filled, "
        "Life.WORKING),\n        go(fill_tombstoned, unchanged),\n",
        "        refuse(fresh_and_final, _R.ORDER_DEAD),\n        go(fresh_and_inferred, "
        "revive_filled, Life.WORKING),\n        go(fill_tombstoned, unchanged),\n",
    ),
    plant(
        "PD19",
        "tickproof.runtime.readers.databento",
        "        executed = self._executed.pop(reference, 0)\n        size = self._size()\n",
        "        executed = 0\n        size = self._size()\n",
    ),
    plant(
        "PD19",
        "tickproof.runtime.readers.databento",
        "            found.update(waiting.pop(record.reference, ()))\n",
        "            pass\n",
        "tickproof.runtime.readers.databento",
        "            waiting.setdefault(record.reference, []).append(position)\n",
        "            found.add(position)\n",
    ),
    plant(
        "PD20",
        "tickproof.runtime.readers.binance",
        "            self._emit(EventKind.BOOK_DELTA, diff, (*ids, *diff.levels))\n",
        "            for place in range(0, len(diff.levels), 3):\n"
        "                one = diff.levels[place : place + 3]\n"
        "                self._emit(EventKind.BOOK_DELTA, diff, (*ids, *one))\n",
    ),
    plant(
        "PD21",
        "tickproof.kernel.view",
        "        return self._counters.last_key + 1\n",
        "        self._counters.last_key += 1\n        return self._counters.last_key\n",
    ),
    plant(
        "PD22",
        LIFE,
        "            refuse(final_unsolicited, _R.ORDER_DEAD),\n            *may_be_wrong,\n",
        "            go(final_unsolicited, unchanged, life),\n            *may_be_wrong,\n",
    ),
    plant(
        "PD23",
        "tickproof.venue.reports",
        "_STRIDE = ID_STRIDE\n",
        "_STRIDE = ID_STRIDE\n_TRADES: list[int] = []\n",
        "tickproof.venue.reports",
        "        market.trade_count += 1\n",
        "        _TRADES.append(1)\n        market.trade_count = len(_TRADES)\n",
    ),
    plant(
        "PD24",
        "tickproof.spec.book_sync",
        "    go(skips, lose, SyncState.GAP),\n",
        "    go(skips, apply_diff),\n",
    ),
    plant(
        "PD24",
        "tickproof.spec.market",
        "book=snapshot(body.levels), update_id",
        "book=apply_levels(market.book, body.levels), update_id",
        "tickproof.kernel.book",
        "        self.clear()\n        counted = self.level_changes\n",
        "        counted = self.level_changes\n",
    ),
    plant(
        "PD25",
        "tickproof.venue.resting",
        "            taken = min(taken + gone, lots)\n",
        "            taken = 0\n",
    ),
    plant(
        "PD26",
        "tickproof.spec.risk",
        "    return facts.needed_lock > 0 and facts.needed_lock > facts.free_balance\n",
        "    return False\n",
    ),
    plant(
        "PD27",
        "tickproof.runtime.recorder.recorder",
        "                await self._room.wait()\n",
        "                self._buffer.take()\n",
    ),
    plant(
        "PD27",
        "tickproof.kernel.snapshot",
        "    kernel.load(snapshot.state)\n",
        "    import attrs\n    orders = kernel.state().execution\n"
        "    kernel.load(attrs.evolve(snapshot.state, execution=orders))\n",
    ),
    plant(
        "PD28",
        "tickproof.spec.dominance",
        '_legal(_S.NEW, _E.REPLACE, merge_terms, _S.NEW, "ID1", "ID3")\n',
        '_legal(_S.NEW, _E.REPLACE, take_latest, _S.REPLACE, "ID1", "ID3")\n',
    ),
)
"""At least one for every defect that is not open."""


def tests_of() -> Iterator[tuple[str, str]]:
    """(defect, file) of every test function that is named after a defect."""
    for path in sorted((PROJECT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and (match := NAME.fullmatch(node.name)):
                yield match[1].upper(), str(path.relative_to(PROJECT))


def jobs() -> list[Job]:
    """A clean run of all, and a run of the tests of each defect with that defect planted."""
    files: dict[str, set[str]] = {}
    for defect, file in tests_of():
        files.setdefault(defect, set()).add(file)
    everywhere = tuple(sorted({file for found in files.values() for file in found}))
    made = [Job("clean", (*everywhere, "-k", "test_pd"), timeout_s=120)]
    for number, each in enumerate(PLANTS):
        selected = (*sorted(files.get(each.defect, ())), "-k", f"test_{each.defect.lower()}")
        overlay: dict[str, str] = {}
        for module, old, new in each.edits:
            overlay[module] = exchanged(module, overlay.get(module), old, new)
        made.append(Job(f"{each.defect} {number}", selected, overlay))
    return made


def compute(nightly: bool) -> Figure:
    """Defects with a test that passes, and fails when the defect is planted."""
    verdicts = run(jobs())
    clean = verdicts["clean"]
    if clean.outcome != "passed":
        raise AssertionError(f"the tests of defects: {clean.outcome} {clean.first}")
    tested = {defect for defect, _ in tests_of()}
    caught: dict[str, list[bool]] = {}
    for number, each in enumerate(PLANTS):
        outcome = verdicts[f"{each.defect} {number}"].outcome
        caught.setdefault(each.defect, []).append(outcome == "failed")
    reached = {defect for defect in tested if all(caught.get(defect, [False]))}
    return figure("defects", LISTED, reached & set(LISTED), OPEN, plants=len(PLANTS))
