"""Read whole streams: recompute chain and state digests, and fold balances from the postings.

python read_streams.py < streams.json
"""

import hashlib
import json
import sys

POSTING, EXTERNAL = 7, -4
INT64_MAX, LIMB = 2**63 - 1, 2**62


def encoded(item):
    """The canonical encoding; text is an integer beyond 2**53, {"text": ...} is text."""
    if item is None or isinstance(item, int | str):
        return b"n;" if item is None else b"i%d;" % int(item)
    if isinstance(item, list):
        if item and all(isinstance(each, int | str) for each in item):
            return b"t%d:" % len(item) + b",".join(b"%d" % int(each) for each in item) + b";"
        return b"t%d:-" % len(item) + b"".join(map(encoded, item))
    if list(item) == ["text"]:
        return b"s%d:" % len(item["text"].encode()) + item["text"].encode()
    if list(item) == ["map"]:
        pairs = (part for pair in item["map"] for part in pair)
        return b"m%d:" % len(item["map"]) + b"".join(map(encoded, pairs))
    return b"o%d:" % len(item) + b"".join(map(encoded, item.values()))


def words(record):
    """A record's length and integers; beyond 64 bits each as sign, limbs and the limbs."""
    if all(-INT64_MAX <= each <= INT64_MAX for each in record):
        return [len(record), *record]
    found = [-len(record)]
    for number in record:
        limbs, rest = [], abs(number)
        while rest:
            limbs, rest = [*limbs, rest % LIMB], rest // LIMB
        found += [1 if number >= 0 else -1, len(limbs), *limbs]
    return found


def packed(columns):
    """Columns end to end as little-endian 64-bit integers."""
    numbers = (int(each) for column in columns for each in column)
    return b"".join(each.to_bytes(8, "little", signed=True) for each in numbers)


def check(stream, name):
    """Check one stream; exit with the first position that differs."""
    identity = hashlib.sha256(encoded(stream["configuration"])).digest()
    head = hashlib.sha256(b"tickproof chain 1" + identity).digest()
    columns, records = [[] for _ in range(8)], []
    money = {tuple(k): int(v["total"]) for k, v in ledger_of(stream["initial"])}
    for position, each in enumerate(stream["positions"]):
        for column, number in zip(columns, [*each["event"], len(each["payload"])], strict=False):
            column.append(number)
        columns[7] += each["payload"]
        for record in ([int(part) for part in one] for one in each.get("records", [])):
            records += [position, *words(record)]
            if record[0] == POSTING:
                for holder, amount in ((record[2], -record[4]), (record[3], record[4])):
                    money[holder, record[1]] = money.get((holder, record[1]), 0) + amount
        chain = hashlib.sha256(head + packed([*columns, records])).hexdigest()
        told = {(h, a): int(total) for h, a, total, _ in each.get("balances", []) if h != EXTERNAL}
        if chain != each["chain"] or {**money, **told} != money:
            sys.exit(f"{name}, position {position}: expected {each}, got {chain}, {money}")
    digest = hashlib.sha256(b"tickproof state 1" + encoded(stream["final"])).hexdigest()
    if digest != stream["positions"][-1]["state"]:
        sys.exit(f"{name}: the final State has the digest {digest}")
    print(f"{name}: {len(stream['positions'])} positions as expected")


def ledger_of(state):
    """The balances of a State: [holder, asset] and total, locked."""
    return state["execution"]["ledger"]["balances"]["map"]


if __name__ == "__main__":
    for index, one in enumerate(json.load(sys.stdin)["streams"]):
        check(one, f"stream {index}")
