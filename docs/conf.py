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

# Thousands of objects are drawn for the site alone, into folders that are not committed.
sys.path.insert(0, str(PROJECT))
from docs import generate  # noqa: E402
from docs.drawn import objects, review, tables  # noqa: E402

DRAWN = review.pages()
generate.write(DRAWN, review.FOLDERS)

project = "tickproof"
author = "The tickproof authors"
project_copyright = "The tickproof authors. Apache License 2.0"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx_needs"]
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

needs_id_regex = r"^[A-Za-z0-9_-]+$"
needs_types = [
    {"directive": kind, "title": title, "prefix": ""} for kind, title in objects.KINDS.items()
]
needs_fields = {name: {"default": ""} for name in objects.FIELDS}
needs_links = {
    kind: {"outgoing": outgoing, "incoming": incoming}
    for kind, (outgoing, incoming) in objects.LINKS.items()
}
# What an object says comes first, then its links.
needs_layouts = {
    name: {
        "grid": "simple_footer",
        "layout": {
            "head": ['<<meta("type_name")>> **<<meta("title")>>**'],
            "meta": [],
            "footer": [f"<<meta_links_all(exclude={[*objects.BY_HAND, *more]})>>"],
        },
    }
    for name, more in (("object", ()), ("folded", ("watched",)))
} | {
    "decision": {
        "grid": "simple",
        "layout": {"head": ['**<<meta("id")>>** <<meta("status")>>'], "meta": []},
    },
}
needs_default_layout = "object"
needs_role_need_template = "{{ title }}"
needs_role_need_max_title_length = 200
needs_table_page_size = 50
needs_table_page_sizes = [50, 200, 0]
needs_build_json = False

# Docstrings are plain text with names in single backquotes.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"


def plain(app, what, name, obj, options, lines):
    """Docstrings use bars and stars as themselves, not as markup."""
    lines[:] = [line.replace("|", r"\|").replace(" *", r" \*") for line in lines]


def with_links(app, docname, source):
    """On the site the rules of a table lead to their objects; the committed page is the same."""
    if docname in LINKED:
        source[0] = LINKED[docname]


LINKED = {f"tables/{name}": tables.page(name, each, linked=True) for name, each in tables.ordered()}


def with_sources(app, exception):
    """Sources are shown by pages of their own, beside what Sphinx wrote."""
    if exception is None and app.builder.format == "html":
        for path, text in review.source_pages({**DRAWN, **LINKED}).items():
            file = Path(app.outdir) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")


def setup(app):
    """Hook all in."""
    app.connect("build-finished", with_sources)
    app.connect("autodoc-process-docstring", plain)
    app.connect("source-read", with_links)
