"""Who is thought to stand at a price: additions remembered, departures matched to them [Q7].

Decides the estimate of the FITTED fill model; bounds are none of its business. A feed of levels
tells lots, not orders, but it tells them one after another: what was added can be remembered, and
a decrease without a print took away something that was added. An order mostly leaves whole, so a
decrease of 7 lots is first looked for among additions of 7, and of those the young and the last in
the queue leave more often than the old in front. How much more often is fitted on order-by-order
recordings, offline, and kept as a table of integers (`queue_fit`); the largest weight decides, the
later of equals.

A memory is of one side and price. Its entries always add up to the level as last told. What is
told of for the first time, or again after a gap, is one entry of unknown age: several orders in
one. Prints take from the front [Q4], when the level is told without them.

An own order is none of the entries; it has a mark, and stands behind all entries with a lower
number. Of a level that grew while an order of ours arrived unseen, a fitted part is taken to have
been there first: an addition has two numbers, and the mark of who arrived before it is told is the
second of them.

Sections: state, reading, prints, updates. All stamps in ns of the venue's clock, lots everywhere.
"""

from __future__ import annotations

from attrs import evolve, frozen

from tickproof.spec.queue_fit import AHEAD_EIGHTHS, BEFORE, PART, RANKS, WHOLE

# --- state ---------------------------------------------------------------------------------------

UNKNOWN = -1
"""A size nobody told; the stamp of what stood before anything was told."""

ENTRIES_MAX = 128
"""More entries than this are not kept apart: the two in front become one of unknown age."""

ORDERS_MAX = 64
"""An entry of unknown age counts as so many orders at most."""

AGE_UNIT_BITS = 20
"""Ages are counted in units of 2**20 ns, about a millisecond."""

AGE_MAX = len(WHOLE) - 1
RANK_MAX = RANKS - 1


@frozen
class Entry:
    """Lots that joined together; `stamp_ns` when, UNKNOWN when they stood there before."""

    number: int
    size: int
    stamp_ns: int


@frozen
class LevelMemory:
    """What is remembered of one level. `next_number`: the first of the next addition's two.

    `per_event` 1: each change of the level is told alone, so a print explains the decreases that
    follow it at its stamp, one by one; else it is inside the next size as of it or later. `prints`:
    (stamp, lots) later than `as_of_ns`. `settling`: lots printed at `as_of_ns` that no decrease
    has shown yet.
    """

    per_event: int
    entries: tuple[Entry, ...] = ()
    next_number: int = 1
    size: int = UNKNOWN
    as_of_ns: int = 0
    prints: tuple[tuple[int, int], ...] = ()
    settling: int = 0


def inv(memory: LevelMemory) -> bool:
    """Whether entries are in order and positive, and add up to the level as told."""
    numbers = [entry.number for entry in memory.entries]
    return (
        numbers == sorted(dict.fromkeys(numbers))
        and all(number < memory.next_number for number in numbers)
        and all(entry.size > 0 for entry in memory.entries)
        and len(numbers) <= ENTRIES_MAX
        and sum(entry.size for entry in memory.entries) == max(memory.size, 0)
        and memory.settling >= 0
        and all(stamp > memory.as_of_ns for stamp, _ in memory.prints)
    )


# --- reading -------------------------------------------------------------------------------------


def ahead_of(memory: LevelMemory, mark: int) -> int:
    """Lots thought to be ahead of an order with a mark, prints not shown yet taken off.

    UNKNOWN while the level is.
    """
    if memory.size < 0:
        return UNKNOWN
    ahead = sum(entry.size for entry in memory.entries if entry.number < mark)
    unseen = memory.settling + sum(lots for _, lots in memory.prints)
    return max(ahead - unseen, 0)


def mark_of(memory: LevelMemory) -> int:
    """The mark of who joins now."""
    return memory.next_number + 1


def age_of(age_ns: int) -> int:
    """The row of an age: doubling intervals."""
    return min((age_ns >> AGE_UNIT_BITS).bit_length(), AGE_MAX)


def weight(entry: Entry, lots: int, behind: int, now_ns: int) -> int:
    """How readily `lots` leave from an entry with `behind` others behind it; 0: they cannot."""
    if entry.size < lots:
        return 0
    rank = min(behind.bit_length(), RANK_MAX)
    if entry.stamp_ns < 0:
        return BEFORE[rank] * min(entry.size // lots, ORDERS_MAX)
    table = WHOLE if entry.size == lots else PART
    return table[age_of(max(now_ns - entry.stamp_ns, 0))][rank]


# --- prints --------------------------------------------------------------------------------------


def printed(memory: LevelMemory, lots: int, stamp_ns: int) -> LevelMemory:
    """A print at the price; one that a size as of later has in it already is no news."""
    if stamp_ns > memory.as_of_ns:
        return evolve(memory, prints=(*memory.prints, (stamp_ns, lots)))
    if stamp_ns == memory.as_of_ns and memory.per_event == 1:
        return evolve(memory, settling=memory.settling + lots)
    return memory


def without_front(entries: tuple[Entry, ...], lots: int) -> tuple[Entry, ...]:
    """The entries after `lots` were taken from the front, or all there are."""
    left: tuple[Entry, ...] = ()
    for entry in entries:
        part = min(entry.size, lots)
        lots -= part
        if part < entry.size:
            left = (*left, evolve(entry, size=entry.size - part))
    return left


# --- updates -------------------------------------------------------------------------------------


def lost_from_sight(memory: LevelMemory) -> LevelMemory:
    """Messages were lost, or the level is not shown any more: nothing is remembered."""
    return evolve(memory, entries=(), size=UNKNOWN, prints=(), settling=0)


def told(memory: LevelMemory, size: int, stamp_ns: int, joining: int) -> LevelMemory:
    """The level has `size` lots as of `stamp_ns`; `joining` 1: an order arrived unseen before."""
    as_of_ns = max(memory.as_of_ns, stamp_ns)
    later = tuple(item for item in memory.prints if item[0] > as_of_ns)
    explained = sum(lots for stamp, lots in memory.prints if stamp <= as_of_ns)
    if as_of_ns == memory.as_of_ns:
        explained += memory.settling
    found = evolve(memory, size=size, as_of_ns=as_of_ns, prints=later, settling=0)
    if memory.size < 0:
        # Number 0: before everybody who has a mark already.
        return evolve(found, entries=(Entry(0, size, UNKNOWN),) if size > 0 else ())
    executed = explained
    if memory.per_event == 1:
        executed = min(explained, max(memory.size - size, 0))
        found = evolve(found, settling=explained - executed)
    entries = without_front(memory.entries, executed)
    change = size - sum(entry.size for entry in entries)
    found = evolve(found, entries=entries)
    if change > 0:
        return joined(found, change, joining)
    if change < 0:
        return evolve(found, entries=left(entries, -change, as_of_ns))
    return found


def joined(memory: LevelMemory, lots: int, joining: int) -> LevelMemory:
    """The level grew: an entry at the back, or two where who arrived stands between them."""
    first = lots * AHEAD_EIGHTHS // 8 if joining == 1 else 0
    entries, number = memory.entries, memory.next_number
    for part in (first, lots - first):
        if part > 0:
            entries = (*entries, Entry(number, part, memory.as_of_ns))
        number += 1
    return evolve(memory, entries=merged(entries), next_number=number)


def merged(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The entries, the foremost as one until there are not too many."""
    while len(entries) > ENTRIES_MAX:
        front, second = entries[:2]
        entries = (Entry(front.number, front.size + second.size, UNKNOWN), *entries[2:])
    return entries


def left(entries: tuple[Entry, ...], lots: int, now_ns: int) -> tuple[Entry, ...]:
    """The entries after `lots` left without a print: from one of them, else from the back."""
    best, found = 0, -1
    for index, entry in enumerate(entries):
        likely = weight(entry, lots, len(entries) - 1 - index, now_ns)
        if likely >= best and likely > 0:
            best, found = likely, index
    if found >= 0:
        rest = evolve(entries[found], size=entries[found].size - lots)
        after = entries[found + 1 :]
        return (*entries[:found], rest, *after) if rest.size > 0 else (*entries[:found], *after)
    while lots > 0 and entries:
        part = min(entries[-1].size, lots)
        rest = evolve(entries[-1], size=entries[-1].size - part)
        entries = (*entries[:-1], rest) if rest.size > 0 else entries[:-1]
        lots -= part
    return entries
