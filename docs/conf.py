"""Configuration of the site; build it with `nox -s docs`."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
# The source beside this file is what is described, never an installed copy.
SOURCES = [str(PROJECT / part) for part in ("spec", "kernel", "invariants", "runtime")]
sys.path[:0] = SOURCES
# The notebook runs in a process of its own.
os.environ["PYTHONPATH"] = os.pathsep.join(SOURCES)

# The notebook of the examples is a page here, run when the site is built.
EXAMPLES = Path(__file__).resolve().parent / "examples"
EXAMPLES.mkdir(exist_ok=True)
for name in ("backtest.ipynb", "own_strategy.py"):
    shutil.copy(PROJECT / "examples" / name, EXAMPLES / name)

project = "tickproof"
author = "The tickproof authors"
project_copyright = "The tickproof authors. Apache License 2.0"

extensions = ["myst_nb", "sphinx.ext.autodoc"]
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
exclude_patterns = ["drawn", "_build"]
nitpicky = True
nitpick_ignore_regex = [("py:.*", ".*")]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

html_theme = "furo" if importlib.util.find_spec("furo") else "alabaster"
html_title = "tickproof"
html_static_path = ["_static"]
html_css_files = ["tickproof.css"]
html_copy_source = False
html_show_sphinx = False

# Docstrings are plain text with names in single backquotes.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"


def plain(app, what, name, obj, options, lines):
    """Docstrings use bars and stars as themselves, not as markup."""
    lines[:] = [line.replace("|", r"\|").replace(" *", r" \*") for line in lines]


def setup(app):
    """Hook `plain` in."""
    app.connect("autodoc-process-docstring", plain)
