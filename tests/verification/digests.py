"""`digests`: one input, one result, wherever and however it is computed [E5].

Each case is a process of its own: an interpreter (3.11, 3.12, 3.13 as present) x PYTHONHASHSEED x
`-O` x time zone and locale. In each, one run through the engine and three replays of its stream
in batches of other sizes must give the digests of all others. The input is the first 5,000 lines
of a real log where `TICKPROOF_DATA` names the folder of them, else a made market.

Each interpreter meets each hash seed with and without `-O`, each in another place of the world;
`--nightly` runs the full product. Each process also tells the hash it gives to one string and
whether it is optimised: settings that were not in force would make equal digests mean nothing.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import attr
import attrs
import sortedcontainers

from tests.verification.figures import PROJECT, SOURCES, Figure, figure

LINES = 5_000
LOG = Path("hftbacktest", "usdm_btcusdt_20240718.gz")
SIZES = "1,7,4096"
VERSIONS = ("3.11", "3.12", "3.13")
HASH_SEEDS = ("0", "1", "random")
OPTIMISED = ("", "-O")
PLACES: tuple[dict[str, str], ...] = (
    {"TZ": "UTC", "LANG": "C", "LC_ALL": "C"},
    {"TZ": "Pacific/Kiritimati", "LANG": "de_DE.UTF-8", "LC_ALL": "tr_TR.UTF-8"},
    {"TZ": "America/St_Johns", "LANG": "en_US.UTF-8", "LC_ALL": ""},
)
PROCESSES = 2
PROBE = "import sys; print('%d.%d' % sys.version_info[:2])"


def interpreters() -> dict[str, str]:
    """Interpreters by version: this one, those of nox, of pyenv, or on the path, that run."""
    roots = [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")]
    found: dict[str, str] = {}
    for version in VERSIONS:
        candidates = [
            sys.executable,
            str(PROJECT / "build" / f"venv-{version}" / "bin" / "python"),
            shutil.which(f"python{version}"),
            *(str(each) for root in roots for each in sorted(root.glob(f"{version}.*/bin/python"))),
        ]
        for candidate in candidates:
            if candidate is not None and version_of(candidate) == version:
                found[version] = candidate
                break
    return found


def version_of(interpreter: str) -> str:
    """Its version, empty when it does not run: a name on the path may lead nowhere."""
    try:
        done = subprocess.run(
            [interpreter, "-c", PROBE], capture_output=True, text=True, check=False, timeout=30
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def lent_packages(folder: Path) -> Path:
    """The two libraries of the base install, pure Python, for interpreters without them."""
    for package in (attr, attrs, sortedcontainers):
        source = Path(str(package.__file__)).parent
        shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def first_lines(folder: Path) -> str:
    """The slice of a real log as a file of its own, or `synthetic`."""
    data = os.environ.get("TICKPROOF_DATA", "")
    if not data or not Path(data, LOG).is_file():
        return "synthetic"
    with gzip.open(Path(data, LOG), "rb") as stream:
        lines = [next(stream) for _ in range(LINES)]
    target = folder / "slice.gz"
    target.write_bytes(gzip.compress(b"".join(lines), mtime=0))
    return str(target)


Case = tuple[str, str, str, int]
"""(version, hash seed, option, place)."""


def cases(versions: Sequence[str], everything: bool) -> list[Case]:
    """Of each version and seed, with and without -O; places in turn, or all of them."""
    found = []
    for number, (version, seed, option) in enumerate(product(versions, HASH_SEEDS, OPTIMISED)):
        places = range(len(PLACES)) if everything else [number % len(PLACES)]
        found += [(version, seed, option, place) for place in places]
    return found


def digest_in(case: Case, interpreter: str, source: str, packages: Path) -> dict[str, Any]:
    """What one process prints."""
    _, seed, option, place = case
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    paths = [*(str(PROJECT / part) for part in SOURCES), str(packages)]
    environment = {
        **kept,
        **PLACES[place],
        "PYTHONHASHSEED": seed,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    script = str(PROJECT / "tests" / "verification" / "digest_run.py")
    command = [interpreter, *([option] if option else []), "-s", script, source, SIZES]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1:]}
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def agrees(found: dict[str, Any], reference: dict[str, Any]) -> bool:
    """The run is the reference's, and so is each of its own replays."""
    own = [value for name, value in found.items() if name.startswith("batches")]
    return found == reference and all(value == found["run"] for value in own) and len(own) > 1


def compute(nightly: bool) -> Figure:
    """Cases whose every digest is the first case's."""
    present = interpreters()
    wanted = cases(list(present), nightly)
    with tempfile.TemporaryDirectory() as folder:
        source = first_lines(Path(folder))
        packages = lent_packages(Path(folder, "packages"))
        with ThreadPoolExecutor(PROCESSES) as pool:
            answers = list(
                pool.map(lambda each: digest_in(each, present[each[0]], source, packages), wanted)
            )
    in_force = {(each.pop("hash", None), each.pop("optimised", None)) for each in answers}
    reference = answers[0]
    if not reference.get("fills") or not reference.get("requests"):
        raise ValueError(f"the run does nothing, so equal digests say nothing: {reference}")
    if len(in_force) < len(HASH_SEEDS) * len(OPTIMISED):
        raise ValueError(f"hash seeds or -O were not in force: {len(in_force)} combinations")
    names = [" ".join([v, f"hash {s}", o or "no -O", PLACES[p]["TZ"]]) for v, s, o, p in wanted]
    right = [name for name, found in zip(names, answers, strict=True) if agrees(found, reference)]
    kind = "made market" if source == "synthetic" else f"{LINES} lines of {LOG.name}"
    return figure(
        "digests", names, right, input=kind, interpreters=sorted(present), digest=reference["run"]
    )
