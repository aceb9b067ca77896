"""The table of the FITTED fill model: fitted on real orders, shipped as integers [Q7].

Decides nothing: `tickproof.spec.queue_memory` reads it. The numbers below are drawn by
`python -m benchmarks.fit_queue --write` from the first half of one session of one futures contract
(ESH4, order by order), and are used for everything unchanged. Another table is another VERSION.

Rows are ages in doubling intervals of 2**20 ns, about a millisecond: below one, below two, below
four, and so on. Columns are ranks: entries behind, 0, 1, 2 to 3, 4 to 7, and so on, 32 and more
last. Weights are in thousandths and mean something only against each other.
"""

from __future__ import annotations

VERSION = 1
"""Of the table and of the way it is read."""

RANKS = 7
"""Columns of the tables."""

# --- fitted: drawn by benchmarks/fit_queue.py ----------------------------------------------------

WHOLE: tuple[tuple[int, ...], ...] = (
    (4592, 5423, 4620, 3989, 1134, 567, 283),
    (6579, 4290, 3523, 1191, 631, 315, 157),
    (8238, 3487, 2252, 1412, 1780, 890, 445),
    (8239, 4687, 2401, 590, 34, 13, 6),
    (14255, 4395, 1687, 1461, 231, 115, 57),
    (11397, 6892, 3118, 1860, 289, 144, 72),
    (10043, 5360, 2797, 1347, 845, 359, 179),
    (9222, 6442, 3055, 1730, 310, 155, 77),
    (9573, 4706, 2998, 1788, 258, 129, 64),
    (8604, 5285, 2627, 1233, 389, 194, 97),
    (6206, 3635, 2269, 1172, 652, 326, 163),
    (5618, 3838, 2073, 1125, 756, 169, 84),
    (3682, 3188, 1793, 756, 459, 71, 35),
    (2955, 1889, 1304, 592, 355, 284, 142),
    (2211, 1343, 1038, 591, 341, 241, 120),
    (1297, 544, 540, 427, 252, 45, 22),
    (1237, 773, 410, 220, 120, 86, 43),
    (1137, 506, 402, 218, 157, 89, 208),
    (804, 454, 308, 186, 90, 24, 12),
    (945, 228, 119, 132, 85, 48, 16),
)
"""Weights of an addition that leaves as a whole: a row per age, a column per rank."""

PART: tuple[tuple[int, ...], ...] = (
    (47, 5, 128, 10, 3, 1, 1),
    (526, 41, 2, 1, 1, 1, 1),
    (740, 25, 1, 1, 1, 1, 1),
    (44, 352, 24, 2, 1, 1, 1),
    (233, 23, 2, 1, 1, 1, 1),
    (465, 614, 491, 100, 29, 14, 7),
    (64, 178, 442, 18, 5, 2, 1),
    (331, 396, 102, 17, 1, 1, 1),
    (200, 336, 136, 10, 4, 2, 1),
    (92, 401, 494, 15, 1, 1, 1),
    (333, 121, 336, 11, 1, 1, 1),
    (169, 171, 222, 80, 4, 2, 1),
    (38, 127, 121, 1, 1, 1, 1),
    (75, 108, 78, 2, 1, 1, 1),
    (176, 132, 109, 68, 1, 1, 1),
    (31, 60, 63, 34, 1, 1, 1),
    (502, 33, 45, 16, 4, 1, 1),
    (334, 86, 34, 51, 1, 1, 1),
    (300, 73, 45, 39, 7, 1, 1),
    (1, 11, 14, 20, 11, 1, 1),
)
"""Weights of an addition that loses a part of its lots."""

BEFORE = (945, 228, 119, 132, 85, 48, 16)
"""Weights, by rank, per order that may be in an entry of unknown age."""

AHEAD_EIGHTHS = 5
"""The part of a growth that was there before who arrived meanwhile."""
