"""Trace vectors: what an implementation in any language has to give, drawn from the specification.

    python docs/trace_vectors.py            write docs/vectors/*.json
    python docs/trace_vectors.py --check    exit 1 when a committed file differs from the code

What is drawn, as docs/trace-vectors.md describes it: `order-life.json`, every rule of the table
with its guard and effect as data, and a step for each; `streams.json`, whole streams with
Configuration, records, chain and state digests; `queue-processing.json`, single passes of Queue
Processing. The inputs of the last two are kept as they are committed, only their results are drawn
again; --fresh makes new inputs.

Guards and effects are translated from the source of the specification, so they cannot say anything
else; what cannot be translated is an error here.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Any, ClassVar, TypeVar

FOLDER = Path(__file__).resolve().parent
PROJECT = FOLDER.parent
# The source beside this file is what is drawn, never an installed copy.
sys.path[:0] = [str(PROJECT / part) for part in ("spec", "kernel", "invariants", "runtime", "")]

from attrs import define, evolve, fields, has  # noqa: E402

from tickproof.invariants import witnesses, worlds  # noqa: E402
from tickproof.invariants.streams import EventSource  # noqa: E402
from tickproof.spec import order_life, queue_processing  # noqa: E402
from tickproof.spec import step as specification  # noqa: E402
from tickproof.spec.commands import (  # noqa: E402
    Decision,
    SetTimer,
    cancel_order,
    new_order,
    replace_order,
)
from tickproof.spec.configuration import Bucket, Configuration, Wake, WakeRule  # noqa: E402
from tickproof.spec.decoding import decode  # noqa: E402
from tickproof.spec.digest import (  # noqa: E402
    Chain,
    encode,
    extended,
    genesis,
    state_digest,
)
from tickproof.spec.digest import value as chain_value  # noqa: E402
from tickproof.spec.dominance import Pending, Target  # noqa: E402
from tickproof.spec.errors import ObligationSkipped  # noqa: E402
from tickproof.spec.events import (  # noqa: E402
    FIELD_NAMES,
    ControlTime,
    Event,
    EventKind,
    body_of,
    payload,
)
from tickproof.spec.fill_life import FillLife  # noqa: E402
from tickproof.spec.left_out import LEFT_OUT  # noqa: E402
from tickproof.spec.order_life import ABSENT_ORDER, TABLE, Life, Order, Report  # noqa: E402
from tickproof.spec.outputs import RECORD_FIELDS, RecordKind  # noqa: E402
from tickproof.spec.queue_processing import Mode, Standing, Work  # noqa: E402
from tickproof.spec.rate_bucket import BucketState  # noqa: E402
from tickproof.spec.state import State, initial_state  # noqa: E402
from tickproof.spec.strategy import View  # noqa: E402
from tickproof.spec.table import Row  # noqa: E402

VERSION = 1
FORMAT = f"tickproof vectors {VERSION}"
EXACT = 2**53
"""Beyond this an integer is decimal text: readers of JSON may have doubles only."""

# --- expressions ---------------------------------------------------------------------------------

Tree = Any
"""An expression: an integer, null, the name of a variable, or [word, part, ...]."""

COMPARES: dict[type[ast.cmpop], tuple[str, bool]] = {
    ast.Eq: ("=", False),
    ast.Is: ("=", False),
    ast.Lt: ("<", False),
    ast.LtE: ("<=", False),
    ast.Gt: ("<", True),
    ast.GtE: ("<=", True),
}
"""Word of a comparison, and whether its sides change places; the others are negations."""

CALLS = ("min", "max", "sum", "len")


class Untranslatable(Exception):
    """Source that the small language of the vectors has no words for."""


def both(*parts: Tree) -> Tree:
    """All of the parts hold; those after one that does not are not looked at."""
    if not parts:
        return 1
    return parts[0] if len(parts) == 1 else ["if", parts[0], both(*parts[1:]), 0]


def either(*parts: Tree) -> Tree:
    """One of the parts holds."""
    return parts[0] if len(parts) == 1 else ["if", parts[0], 1, either(*parts[1:])]


class Translator:
    """Turns functions of one module into definitions: name -> [parameters, expression]."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.definitions: dict[str, list[Any]] = {}

    def define(self, function: Callable[..., Any]) -> str:
        """The name under which a function is defined, with all it calls."""
        name = function.__name__
        if name not in self.definitions:
            self.definitions[name] = []
            tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
            if not isinstance(tree, ast.FunctionDef):
                raise Untranslatable(name)
            known = [each.arg for each in tree.args.args]
            body = self.block(tree.body, {*known})
            self.definitions[name] = [known, body]
        return name

    def block(self, statements: list[ast.stmt], known: set[str]) -> Tree:
        """Statements as one expression: what they return."""
        first, rest = statements[0], statements[1:]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            return self.block(rest, known)
        if isinstance(first, ast.Return):
            return None if first.value is None else self.tree(first.value, known)
        if isinstance(first, ast.Assign) and isinstance(first.targets[0], ast.Name):
            name = first.targets[0].id
            return ["let", name, self.tree(first.value, known), self.block(rest, {*known, name})]
        if isinstance(first, ast.If):
            return self.condition(first, rest, known)
        if isinstance(first, ast.For):
            return self.search(first, rest, known)
        raise Untranslatable(ast.unparse(first))

    def condition(self, first: ast.If, rest: list[ast.stmt], known: set[str]) -> Tree:
        """`if` that returns, or that gives a variable another value."""
        test = self.tree(first.test, known)
        inner = first.body[0]
        if isinstance(inner, ast.Assign) and isinstance(inner.targets[0], ast.Name):
            name = inner.targets[0].id
            other = ["if", test, self.tree(inner.value, known), name]
            return ["let", name, other, self.block(rest, known)]
        otherwise = first.orelse or rest
        return ["if", test, self.block(first.body, known), self.block(otherwise, known)]

    def search(self, first: ast.For, rest: list[ast.stmt], known: set[str]) -> Tree:
        """`for x in items: if test: return x`: the first that passes, else what follows."""
        inner = first.body[0]
        if not (
            isinstance(first.target, ast.Name)
            and isinstance(inner, ast.If)
            and isinstance(inner.body[0], ast.Return)
            and inner.body[0].value is not None
        ):
            raise Untranslatable(ast.unparse(first))
        name = first.target.id
        within = {*known, name}
        test = self.tree(inner.test, within)
        found = ["each", name, self.tree(first.iter, known), test]
        found.append(self.tree(inner.body[0].value, within))
        chosen = ["if", ["len", "found"], ["at", "found", 0], self.block(rest, known)]
        return ["let", "found", found, chosen]

    def tree(self, node: ast.expr, known: set[str]) -> Tree:
        """One expression."""
        constant = self.constant(node, known)
        if constant is not Untranslatable:
            return constant
        match node:
            case ast.Name():
                return node.id
            case ast.Attribute():
                return ["get", self.tree(node.value, known), node.attr]
            case ast.Subscript():
                return self.subscript(node, known)
            case ast.BoolOp():
                parts = [self.tree(each, known) for each in node.values]
                return both(*parts) if isinstance(node.op, ast.And) else either(*parts)
            case ast.UnaryOp(op=ast.Not()):
                return ["not", self.tree(node.operand, known)]
            case ast.UnaryOp(op=ast.USub()):
                return ["-", 0, self.tree(node.operand, known)]
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                word = "+" if isinstance(node.op, ast.Add) else "-"
                return [word, self.tree(node.left, known), self.tree(node.right, known)]
        return self.composed(node, known)

    def composed(self, node: ast.expr, known: set[str]) -> Tree:
        """An expression made of several."""
        match node:
            case ast.Compare():
                return self.compare(node, known)
            case ast.IfExp():
                parts = (node.test, node.body, node.orelse)
                return ["if", *(self.tree(each, known) for each in parts)]
            case ast.Tuple():
                return self.sequence(node.elts, known)
            case ast.GeneratorExp():
                return self.each(node, known)
            case ast.Call():
                return self.call(node, known)
        raise Untranslatable(ast.unparse(node))

    def constant(self, node: ast.expr, known: set[str]) -> Any:
        """An integer, truth or null that the source names; `Untranslatable` when it is none."""
        if isinstance(node, ast.Constant):
            return int(node.value) if isinstance(node.value, int) else None
        root = node
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name) or root.id in known:
            return Untranslatable
        found = eval(ast.unparse(node), vars(self.module))  # noqa: S307 - our own source
        return int(found) if isinstance(found, int) else Untranslatable

    def subscript(self, node: ast.Subscript, known: set[str]) -> Tree:
        """`items[i]` and `items[a:b]`."""
        items = self.tree(node.value, known)
        if not isinstance(node.slice, ast.Slice):
            return ["at", items, self.tree(node.slice, known)]
        ends = (node.slice.lower, node.slice.upper)
        return [
            "slice",
            items,
            *(None if each is None else self.tree(each, known) for each in ends),
        ]

    def compare(self, node: ast.Compare, known: set[str]) -> Tree:
        """Comparisons; chained ones all have to hold."""
        within = node.comparators[0]
        if isinstance(node.ops[0], ast.In) and isinstance(within, ast.Tuple):
            item = self.tree(node.left, known)
            return either(*(["=", item, self.tree(each, known)] for each in within.elts))
        sides = [self.tree(each, known) for each in (node.left, *node.comparators)]
        found: list[Tree] = []
        for operation, left, right in zip(node.ops, sides, sides[1:], strict=False):
            if isinstance(operation, ast.NotEq | ast.IsNot):
                found.append(["not", ["=", left, right]])
            elif type(operation) not in COMPARES:
                raise Untranslatable(ast.unparse(node))
            else:
                word, swapped = COMPARES[type(operation)]
                found.append([word, right, left] if swapped else [word, left, right])
        return both(*found)

    def sequence(self, parts: list[ast.expr], known: set[str]) -> Tree:
        """A tuple, parts of which may be unpacked."""
        joined: Tree = None
        for part in parts:
            if isinstance(part, ast.Starred):
                piece = self.tree(part.value, known)
            else:
                piece = ["list", self.tree(part, known)]
            joined = piece if joined is None else ["concat", joined, piece]
        return ["list"] if joined is None else joined

    def each(self, node: ast.GeneratorExp, known: set[str]) -> Tree:
        """[each, name, list, condition, body]."""
        (loop,) = node.generators
        if not isinstance(loop.target, ast.Name):
            raise Untranslatable(ast.unparse(node))
        within = {*known, loop.target.id}
        test = both(*(self.tree(each, within) for each in loop.ifs))
        items = self.tree(loop.iter, known)
        return ["each", loop.target.id, items, test, self.tree(node.elt, within)]

    def call(self, node: ast.Call, known: set[str]) -> Tree:
        """A word of the language, a record, a record changed, or another definition."""
        if not isinstance(node.func, ast.Name):
            raise Untranslatable(ast.unparse(node))
        name = node.func.id
        given = [self.tree(each, known) for each in node.args]
        named = {str(each.arg): self.tree(each.value, known) for each in node.keywords}
        if name == "evolve":
            return ["with", given[0], named]
        if name == "tuple":
            return given[0]
        if name in CALLS:
            return [name, *given]
        found = getattr(self.module, name)
        if has(found):
            names = [each.name for each in fields(found)]
            return ["with", ["record"], {**dict(zip(names, given, strict=False)), **named}]
        return [self.define(inspect.unwrap(found)), *given]


# --- order life ----------------------------------------------------------------------------------


def order_life_vectors() -> dict[str, Any]:
    """The table as data, and a step for each of its rules."""
    translator = Translator(order_life)
    rules: list[list[Any]] = []
    for rule in TABLE.rules:
        definition(translator, rule.guard)
        effect, then = None, 0
        if isinstance(rule, Row):
            effect, then = definition(translator, rule.effect), rule.target
        else:
            then = rule.code
        rules.append([rule.id, rule.source, rule.event, effect, then])
    return {
        "format": FORMAT,
        "kind": "order-life",
        "absent": plain(ABSENT_ORDER),
        "report": plain(Report(0)),
        "table": {
            "states": {life.name: int(life) for life in TABLE.states},
            "events": {event.name: int(event) for event in TABLE.events},
            "codes": {code.name: int(code) for code in TABLE.codes},
            "definitions": translator.definitions,
            "rules": rules,
        },
        "steps": order_steps(),
    }


def definition(translator: Translator, function: Callable[..., Any]) -> str:
    """The name of a guard or effect; the table's own `always` and `unchanged` are written out."""
    name = function.__name__
    if name in ("always", "unchanged"):
        body = 1 if name == "always" else "order"
        translator.definitions.setdefault(name, [["order", "report"], body])
        return name
    return translator.define(function)


def order_steps() -> list[dict[str, Any]]:
    """Steps that begin where an earlier one ended; those nothing leads to begin where they say."""
    steps: list[dict[str, Any]] = []
    # Where an Order was reached first: 0 is the absent one, n the end of the n-th step.
    places: dict[Order, int] = {ABSENT_ORDER: 0}
    traces = witnesses.traces()
    for rule in TABLE.rules:
        path = traces.get(rule.id)
        if path is None:
            steps.append(unreached(rule.id))
            continue
        order = ABSENT_ORDER
        for report in path:
            before, order = order, order_life.step(order, report)[0]
            if report is path[-1] or order not in places:
                steps.append({"from": places[before], **one_step(before, report)})
                places.setdefault(order, len(steps))
    return steps


def unreached(rule_id: str) -> dict[str, Any]:
    """A step for a rule that no sequence of sound reports uses: its Order is made up."""
    life, event, _ = rule_id.split(".", 1)[1].split(".")
    first = Order(int(Life[life]), 0, 1, 0, 9, (order_life.Leg(3, 4, 1, 0, 0),), None, ())
    start = ABSENT_ORDER if life == "ABSENT" else first
    if life == "SUBMITTED":
        start = evolve(first, inferred=0)
    for fill in FillLife:
        for active in (0, 1):
            for new_leg in (0, 1):
                report = Report(
                    int(order_life.OrderEvent[event]),
                    venue_order_id=3 + new_leg,
                    price=8,
                    quantity=1,
                    effective=int(fill == 1 and life != "ABSENT"),
                    fill_life=int(fill),
                    total=6,
                    active=active,
                    new_leg=new_leg,
                )
                if TABLE.select(start.life, report.event, start, report).id == rule_id:
                    return {"before": plain(start), **one_step(start, report)}
    raise Untranslatable(f"no step for {rule_id}")


def one_step(before: Order, report: Report) -> dict[str, Any]:
    """What goes in, which rule decides, what comes out."""
    rule = TABLE.select(before.life, report.event, before, report)
    after = order_life.step(before, report)[0]
    zero = plain(Report(0))
    told = {name: value for name, value in plain(report).items() if value != zero[name]}
    made: dict[str, Any] = {"report": {"event": int(report.event), **told}, "rule": rule.id}
    if isinstance(rule, Row):
        made |= {"after": plain(after), "digest": state_digest(after).hex()}
    return made


# --- streams -------------------------------------------------------------------------------------


@define
class Dice:
    """A generator's state: all that the strategy of the streams remembers."""

    state: int = 1


class Lottery:
    """NEW, REPLACE, CANCEL and timers, by a linear generator."""

    wake: ClassVar[WakeRule] = WakeRule(int(Wake.EVERY_EVENT))
    memory: ClassVar[type] = Dice

    def decide(self, view: View, memory: Dice) -> Iterable[Decision]:
        """At most two decisions."""
        return [self.one(view, memory) for _ in range(self.draw(memory, 5) // 2)]

    def draw(self, memory: Dice, bound: int) -> int:
        """A number below `bound`."""
        memory.state = (memory.state * 1_103_515_245 + 12_345) % 2**31
        return (memory.state >> 8) % bound

    def one(self, view: View, memory: Dice) -> Decision:
        """One decision."""
        roll, working = self.draw(memory, 8), view.open_orders()
        price = worlds.PRICE_BASE + self.draw(memory, worlds.PRICE_SPAN)
        lots = 1 + self.draw(memory, 6)
        if roll == 0:
            return SetTimer(view.now_ns + 200 + self.draw(memory, 900))
        if working and roll < 5:
            key = working[self.draw(memory, len(working))].key
            return cancel_order(key) if roll < 3 else replace_order(key, lots, price)
        side = 1 if self.draw(memory, 2) else -1
        return new_order(view.next_key(), self.draw(memory, 2), side, lots, price)


def world(seed: int) -> Configuration:
    """Two instruments, one strategy, and a rate bucket that work has to wait for."""
    made = worlds.configuration(Random(seed), (worlds.SPOT, worlds.LINEAR))  # noqa: S311
    settings = evolve(
        made.strategies[0], name="lottery", code_identity="", wake=Lottery.wake, instruments=(0, 1)
    )
    return evolve(
        made,
        strategies=(settings,),
        buckets=worlds.bucket_sets()[seed % 3 + 1],
        timing=evolve(made.timing, jump_limit_ns=50_000, acknowledgement_ns=700),
    )


def stream_vectors(kept: dict[str, Any] | None) -> dict[str, Any]:
    """Whole streams: Configuration, Events, records, chain and state digest at each position."""
    if kept is None:
        inputs = [(world(seed), made_events(seed, n, world(seed))) for seed, n in STREAMS]
    else:
        inputs = [
            (typed(each["configuration"], Configuration), kept_events(each))
            for each in kept["streams"]
        ]
    return {
        "format": FORMAT,
        "kind": "streams",
        "event_kinds": {kind.name: int(kind) for kind in EventKind},
        "payload_fields": {str(kind): list(names) for kind, names in FIELD_NAMES.items()},
        "record_kinds": {kind.name: int(kind) for kind in RecordKind},
        "record_fields": {str(int(kind)): list(names) for kind, names in RECORD_FIELDS.items()},
        "streams": [one_stream(*each) for each in inputs],
    }


def one_stream(configuration: Configuration, events: Iterable[Event]) -> dict[str, Any]:
    """One stream with all that comes of it."""
    strategies = (Lottery(),)
    state = initial_state(configuration, strategies)
    chain = Chain(genesis(configuration))
    positions: list[dict[str, Any]] = []
    drawn = {"configuration": plain(configuration), "initial": plain(state)}
    for event in events:
        stepped = specification.step(configuration, strategies, state, event)
        chain = extended(chain, event, stepped.records)
        positions.append(one_position(state, event, stepped.state, stepped.records, chain))
        state = stepped.state
    return {**drawn, "positions": positions, "final": plain(state)}


def made_events(seed: int, length: int, configuration: Configuration) -> list[Event]:
    """New inputs: a stream made for the world of a seed."""
    strategies = (Lottery(),)
    source = EventSource(Random(seed), configuration)  # noqa: S311
    state = initial_state(configuration, strategies)
    events: list[Event] = []
    while len(events) < length:
        event = source.event(state)
        try:
            state = specification.step(configuration, strategies, state, event).state
        except ObligationSkipped as due:
            event = Event(due.deadline_ns, due.deadline_ns, 9, 0, 0, ControlTime(due.deadline_ns))
            state = specification.step(configuration, strategies, state, event).state
        events.append(event)
    return events


def kept_events(stream: dict[str, Any]) -> list[Event]:
    """The inputs of a committed stream."""
    found = []
    for each in stream["positions"]:
        kind, event_ns, capture_ns, source, sequence, epoch = map(int, each["event"])
        body = body_of(kind, tuple(map(int, each["payload"])))
        found.append(Event(event_ns, capture_ns, source, sequence, epoch, body))
    return found


def one_position(
    before: State, event: Event, after: State, records: Iterable[tuple[int, ...]], chain: Chain
) -> dict[str, Any]:
    """One Event, what it gave rise to, and the digests after it."""
    stamps = (event.event_time_ns, event.capture_time_ns, event.source, event.sequence)
    found: dict[str, Any] = {"event": plain((int(event.kind), *stamps, event.epoch))}
    found["payload"] = plain(payload(event.body))
    if records:
        found["records"] = [plain(record) for record in records]
    if before.execution.ledger.balances != after.execution.ledger.balances:
        found["balances"] = [
            plain((*key, each.total, each.locked))
            for key, each in sorted(after.execution.ledger.balances.items())
        ]
    found["chain"] = chain_value(chain).hex()
    found["state"] = state_digest(after).hex()
    return found


STREAMS = ((102, 44), (73, 44))
"""Seeds and lengths; a test demands that they hold every kind of record."""

# --- Queue Processing ----------------------------------------------------------------------------


def queue_vectors(kept: dict[str, Any] | None) -> dict[str, Any]:
    """Single passes of Queue Processing over made-up work."""
    if kept is None:
        dice = Random(11)  # noqa: S311
        inputs = [made_pass(dice) for _ in range(CASES)]
    else:
        inputs = [kept_pass(each) for each in kept["cases"]]
    return {
        "format": FORMAT,
        "kind": "queue-processing",
        "codes": {code.name: int(code) for code in queue_processing.Validity},
        "cases": [one_pass(*each) for each in inputs],
    }


CASES = 20

Pass = tuple[tuple[Work, ...], tuple[Bucket, ...], tuple[BucketState, ...], int, Mode]


def made_pass(dice: Random) -> Pass:
    """New inputs: work, buckets, their states, now, mode."""
    buckets = worlds.bucket_sets()[dice.randrange(4)]
    now_ns = dice.randrange(1_000, 9_000)
    states = tuple(
        BucketState(dice.randrange(each.capacity + 1), now_ns - dice.randrange(each.interval_ns))
        for each in buckets
    )
    mode = Mode(dice.choice((0, 0, 0, 1, 2)), int(dice.randrange(5) == 0), dice.choice((0, 500)))
    work = tuple(one_work(dice, order_id, now_ns) for order_id in range(1, 2 + dice.randrange(4)))
    return work, buckets, states, now_ns, mode


def kept_pass(case: dict[str, Any]) -> Pass:
    """The inputs of a committed case."""
    return (
        tuple(typed(each, Work) for each in case["work"]),
        tuple(typed(each, Bucket) for each in case["buckets"]),
        tuple(typed(each, BucketState) for each in case["states"]),
        case["now_ns"],
        typed(case["mode"], Mode),
    )


def one_pass(
    work: tuple[Work, ...],
    buckets: tuple[Bucket, ...],
    states: tuple[BucketState, ...],
    now_ns: int,
    mode: Mode,
) -> dict[str, Any]:
    """One pass and what comes of it; commands by their Intent id."""
    result = queue_processing.process(work, buckets, states, now_ns, mode)
    return {
        "now_ns": now_ns,
        "mode": plain(mode),
        "buckets": plain(buckets),
        "states": plain(states),
        "work": plain(work),
        "expected": {
            "sendable": [each.intent_id for each in result.sendable],
            "withdrawn": [[each.intent_id, int(code)] for each, code in result.withdrawn],
            "kept": [each.intent_id for each in result.kept],
            "surfaced": [each.intent_id for each in result.surfaced],
            "states": plain(result.buckets),
            "obligation": plain(result.obligation),
        },
    }


def one_work(dice: Random, order_id: int, now_ns: int) -> Work:
    """A pending command and what State says of its order."""
    kind = dice.randrange(1, 4)
    target = Target.NEVER_SENT if kind == 1 else Target.ALIVE
    if dice.randrange(6) == 0:
        target = dice.choice(tuple(Target))
    total, executed = dice.randrange(1, 6), dice.randrange(3)
    standing = Standing(
        int(target),
        dice.choice((0, 0, 0, 1, 2)),
        int(dice.randrange(5) == 0),
        total,
        min(executed, total),
        max(total - executed, 0),
        dice.randrange(6),
    )
    pending = Pending(
        kind,
        order_id,
        dice.randrange(10) * 10 + order_id,
        0,
        0,
        0,
        dice.choice((-1, 1)),
        quantity=dice.randrange(1, 7),
        good_till_ns=dice.choice((0, 0, now_ns - 5, now_ns + 50)),
        reduce_only=int(dice.randrange(4) == 0),
        admitted_ns=now_ns - dice.randrange(900),
    )
    return Work(pending, standing)


# --- values --------------------------------------------------------------------------------------


def plain(item: Any) -> Any:
    """A value of the specification as JSON: records as objects in field order, see the page."""
    if item is None:
        return None
    if isinstance(item, int):
        number = int(item)
        return number if abs(number) <= EXACT else str(number)
    if isinstance(item, str):
        return {"text": item}
    if isinstance(item, (tuple, list)):
        return [plain(each) for each in item]
    if isinstance(item, Mapping):
        return {"map": [[plain(key), plain(item[key])] for key in sorted(item)]}
    if has(type(item)):
        # What may be left out of a digest is left out here too, while it says nothing.
        values = ((each, getattr(item, each.name)) for each in fields(type(item)) if each.init)
        return {
            each.name: plain(value)
            for each, value in values
            if not each.metadata.get(LEFT_OUT) or value != each.default
        }
    raise Untranslatable(repr(item))


Typed = TypeVar("Typed")


def typed(tree: Any, wanted: type[Typed]) -> Typed:
    """The value that `plain` gave this tree of."""
    return decode(_encoded(tree), wanted)


def _encoded(tree: Any) -> bytes:
    """The canonical encoding of a tree."""
    if tree is None or isinstance(tree, (int, str)):
        return encode(None if tree is None else int(tree))
    if isinstance(tree, list):
        if tree and all(isinstance(each, (int, str)) for each in tree):
            return encode(tuple(map(int, tree)))
        return b"t%d:-" % len(tree) + b"".join(map(_encoded, tree))
    if list(tree) == ["text"]:
        return encode(tree["text"])
    if list(tree) == ["map"]:
        pairs = (part for pair in tree["map"] for part in pair)
        return b"m%d:" % len(tree["map"]) + b"".join(map(_encoded, pairs))
    return b"o%d:" % len(tree) + b"".join(map(_encoded, tree.values()))


def text_of(vectors: dict[str, Any]) -> str:
    """One file: a step, rule, definition, position or case stands on a line of its own."""
    return "{\n" + ",\n".join(_entry(key, each) for key, each in vectors.items()) + "\n}\n"


def _entry(key: str, item: Any) -> str:
    if key in ("table", "definitions"):
        return f'"{key}":{{\n' + ",\n".join(_entry(*each) for each in item.items()) + "\n}"
    if key == "streams":
        parts = ",\n".join(
            "{\n" + ",\n".join(_entry(*each) for each in stream.items()) + "\n}" for stream in item
        )
        return f'"{key}":[\n{parts}\n]'
    if key in ("rules", "steps", "positions", "cases"):
        return f'"{key}":[\n' + ",\n".join(_line(each) for each in item) + "\n]"
    return f'"{key}":{_line(item)}'


def _line(item: Any) -> str:
    return json.dumps(item, separators=(",", ":"))


# --- the files -----------------------------------------------------------------------------------


def files(fresh: bool = False) -> dict[str, str]:
    """Every file by its name under docs/vectors/."""
    streams, queue = ("streams.json", "queue-processing.json")
    made = (
        order_life_vectors(),
        stream_vectors(None if fresh else committed(streams)),
        queue_vectors(None if fresh else committed(queue)),
    )
    return {f"{vectors['kind']}.json": text_of(vectors) for vectors in made}


def committed(name: str) -> dict[str, Any] | None:
    """A file as it is committed, None when there is none."""
    path = FOLDER / "vectors" / name
    if not path.is_file():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or with --check only say which differ."""
    parser = argparse.ArgumentParser(description="Draw the trace vectors from the specification.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 on a difference"
    )
    parser.add_argument(
        "--fresh", action="store_true", help="make new inputs of streams and passes"
    )
    given = parser.parse_args(arguments)
    check, differing = given.check, False
    for name, text in files(given.fresh).items():
        path = FOLDER / "vectors" / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        differing = True
        print(f"docs/vectors/{name}", "differs from the code" if check else "drawn")
        if not check:
            path.write_text(text, encoding="utf-8")
    if check and differing:
        print("run: python docs/trace_vectors.py")
    return int(check and differing)


if __name__ == "__main__":
    sys.exit(main())
