"""The fast implementation that refines tickproof.spec."""

from tickproof.kernel.build import choose

BUILD = choose()
"""Which build runs: `pure` Python, or `compiled`."""
