"""The mark of fields that digests and snapshots leave out while they say nothing [D7, S1].

What it decides: one word, in the metadata of a field with a default. It stands apart from
`tickproof.spec.digest` so that the types digests are made of can carry it.
"""

from __future__ import annotations

LEFT_OUT = "left_out"
"""Such a field is written only where it is not its default, and then with its name."""
