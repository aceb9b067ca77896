"""What every test shares: Hypothesis profiles and the folder of real market data."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Derandomised and without a database: the same commit gives the same verdict everywhere.
settings.register_profile(
    "ci",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=200,
    stateful_step_count=50,
)
# On another interpreter the question is whether the pure layers run alike, not how deep they hold.
settings.register_profile(
    "secondary",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=20,
    stateful_step_count=20,
)
settings.register_profile("dev", deadline=None, max_examples=50, stateful_step_count=30)
# Five times as many as in `verify`, with seeds of its own each night: nights add up, and the whole
# of `verify_nightly` has to fit into three quarters of an hour on two cores.
settings.register_profile("nightly", deadline=None, max_examples=1_000, stateful_step_count=100)
settings.load_profile(os.environ.get("TICKPROOF_HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Give the folder that ``TICKPROOF_DATA`` names; without one, skip or fail as configured."""
    folder = os.environ.get("TICKPROOF_DATA", "")
    if folder and Path(folder).is_dir():
        return Path(folder)
    problem = f"real market data not found: TICKPROOF_DATA is {folder!r}"
    if os.environ.get("TICKPROOF_REQUIRE_DATA") == "1":
        pytest.fail(problem)
    pytest.skip(problem)
