"""Fold the order-life vectors by the rows they bring; check every rule, Order and digest.

python read_vectors.py < order-life.json
"""

import hashlib
import json
import operator as op
import sys

PLAIN = {"+": op.add, "-": op.sub, "=": op.eq, "<": op.lt, "<=": op.le, "not": op.not_}
PLAIN |= {"min": min, "max": max, "sum": sum, "len": len, "at": op.getitem, "concat": op.add}
PLAIN |= {"list": lambda *each: [*each], "slice": lambda items, a, b: items[a:b], "record": dict}


def value(tree, names, defined):
    """The value of an expression; `names`: what its variables stand for."""

    def part(tree, **more):
        return value(tree, {**names, **more}, defined)

    if not isinstance(tree, list):
        return names[tree] if isinstance(tree, str) else tree
    word, *rest = tree
    if word == "if":
        return part(rest[1 if part(rest[0]) else 2])
    if word == "let":
        return part(rest[2], **{rest[0]: part(rest[1])})
    if word == "each":
        inner = [{rest[0]: item} for item in part(rest[1])]
        return [part(rest[3], **each) for each in inner if part(rest[2], **each)]
    if word == "get":
        return part(rest[0])[rest[1]]
    if word == "with":
        return {**part(rest[0]), **{name: part(each) for name, each in rest[1].items()}}
    if word in PLAIN:
        return PLAIN[word](*map(part, rest))
    parameters, body = defined[word]
    return value(body, dict(zip(parameters, map(part, rest), strict=True)), defined)


def encoded(item):
    """The canonical encoding of an Order; text is an integer beyond 2**53."""
    if item is None or isinstance(item, int | str):
        return b"n;" if item is None else b"i%d;" % int(item)
    head, parts = (b"o%d:", item.values()) if isinstance(item, dict) else (b"t%d:-", item)
    return head % len(item) + b"".join(map(encoded, parts))


def step(order, report, table):
    """The id of the one rule whose guard holds, and the Order after it; None: it refuses."""
    env = ({"order": order, "report": report}, table["definitions"])
    cell = [each for each in table["rules"] if each[1:3] == [order["life"], report["event"]]]
    (rule,) = [each for each in cell if value([each[0].split(".")[-1], *env[0]], *env)]
    return rule[0], rule[3] and {**value([rule[3], *env[0]], *env), "life": rule[4]}


def check(vectors):
    """Fold every step; exit with the first that differs."""
    orders = [vectors["absent"]]
    for number, each in enumerate(vectors["steps"]):
        before = each["before"] if "before" in each else orders[each["from"]]
        rule, order = step(before, {**vectors["report"], **each["report"]}, vectors["table"])
        digest = order and hashlib.sha256(b"tickproof state 1" + encoded(order)).hexdigest()
        if (rule, order, digest) != (each["rule"], each.get("after"), each.get("digest")):
            sys.exit(f"step {number}: expected {each}, got {rule}, {order}, {digest}")
        orders.append(order or before)
    print(f"{len(vectors['steps'])} steps as expected")


if __name__ == "__main__":
    check(json.load(sys.stdin))
