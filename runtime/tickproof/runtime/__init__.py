"""Everything around the kernel: sources, files, command line, reports.

From Python: `run_backtest(files, strategy="quoter") -> Result`; see `tickproof.runtime.backtest`.
"""

from tickproof.runtime.backtest import Result, run_backtest
from tickproof.runtime.errors import InputError, MissingExtra, StrategyError
from tickproof.runtime.settings import Settings

__all__ = ["InputError", "MissingExtra", "Result", "Settings", "StrategyError", "run_backtest"]
