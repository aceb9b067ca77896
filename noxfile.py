"""The project's commands: ``nox -s verify`` is the one that decides.

Every check of ``verify`` runs even when an earlier one failed, so that one run tells everything;
a table closes it, and the same figures are written to ``build/verification.json``.
"""

import json
import os
import shutil
import subprocess
import time
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import nox
from nox.command import CommandFailed

nox.needs_version = ">=2024.10"
nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_venv = "yes"
nox.options.sessions = ["verify"]

BUILD = Path("build")
SECONDARY_PYTHONS = ("3.12", "3.13")
TEST_PROCESSES = "2"
# One hash seed for the proofs: the same commit explores the same paths.
PROOF_ENVIRONMENT = {"PYTHONHASHSEED": "0"}
# What another interpreter could change is in the pure layers, and shows in few examples; long runs
# and checks of checks are marked slow and left out: whole runs are the key `digests`.
SECONDARY_TESTS = ("tests/spec", "tests/kernel", "tests/venue", "tests/invariants")
COMPILED_TESTS = ("tests/kernel", "tests/venue", "tests/runtime/test_engine.py")
# And those tests need no more than these of the dev extra, at its versions.
SECONDARY_PACKAGES = ("hypothesis", "pytest", "pytest-xdist", "transitions")
# Keys of the verification table; `refinement` and `sometimes` are two figures of the same runs.
KEYS = (
    "rows",
    "fix",
    "defects",
    "trace",
    "refinement",
    "sometimes",
    "mutants",
    "interference",
    "digests",
    "faults",
)
REPORTED_PACKAGES = ("crosshair-tool", "z3-solver", "hypothesis", "mypy", "pytest", "ruff", "attrs")


@dataclass
class Check:
    """One line of the closing table: how much was reached of what is listed and required."""

    key: str
    reached: int = 0
    listed: int = 0
    required: int = 0
    ok: bool = False
    seconds: float = 0.0

    def count(self, reached: int, listed: int, required: int | None = None) -> None:
        """State the figures; what is listed is required unless said otherwise."""
        self.reached, self.listed = reached, listed
        self.required = listed if required is None else required


@dataclass
class Verification:
    """The checks of one run, in order."""

    session: nox.Session
    checks: list[Check] = field(default_factory=list)

    @contextmanager
    def check(self, key: str) -> Iterator[Check]:
        """Time a check; a failed command fails the check, and the run goes on."""
        current = Check(key)
        self.checks.append(current)
        started = time.perf_counter()
        try:
            yield current
        except CommandFailed as failure:
            self.session.log(f"{key} failed: {failure}")
        else:
            current.ok = True
        finally:
            if not current.listed:  # nothing was counted: the command itself is the one thing
                current.count(int(current.ok), 1)
            current.ok = current.ok and current.reached >= current.required
            current.seconds = round(time.perf_counter() - started, 1)

    def run(self, key: str, *command: str, **options: Any) -> None:
        """Run one command as a check of its own."""
        with self.check(key):
            self.session.run(*command, **options)

    def close(self, versions: dict[str, str]) -> None:
        """Write the record, print the table, and fail the session unless every check holds."""
        record = {
            "head": git_head(self.session),
            "python": versions.pop("python"),
            "versions": versions,
            "checks": [asdict(check) for check in self.checks],
        }
        BUILD.mkdir(exist_ok=True)
        text = json.dumps(record, indent=1) + "\n"
        (BUILD / "verification.json").write_text(text, encoding="utf-8")
        tools = ", ".join(f"{name} {version}" for name, version in versions.items())
        print(f"\nhead {record['head']}, python {record['python']}, {tools}\n")
        print(f"{'check':<24}{'reached':>9}{'listed':>8}{'required':>10}{'seconds':>9}  verdict")
        for check in self.checks:
            figures = f"{check.reached:>9}{check.listed:>8}{check.required:>10}{check.seconds:>9}"
            print(f"{check.key:<24}{figures}  {'ok' if check.ok else 'FAILED'}")
        failed = [check.key for check in self.checks if not check.ok]
        print(f"\n{len(self.checks) - len(failed)} of {len(self.checks)} checks hold\n", flush=True)
        if failed:
            self.session.error(f"failed: {', '.join(failed)}")


def git_head(session: nox.Session) -> str:
    """Name the commit, with a mark when files differ from it; unknown outside a repository."""
    if not Path(".git").exists() or shutil.which("git") is None:
        return "unknown"
    options: dict[str, Any] = {"external": True, "silent": True, "log": False}
    head = str(session.run("git", "rev-parse", "HEAD", **options)).strip()
    changed = str(session.run("git", "status", "--porcelain", **options)).strip()
    return f"{head}-modified" if changed else head


def installed_versions(session: nox.Session) -> dict[str, str]:
    """Ask the session's own interpreter which versions it runs."""
    code = (
        "import json, platform, importlib.metadata as m;"
        f"print(json.dumps({{'python': platform.python_version(),"
        f" **{{name: m.version(name) for name in {REPORTED_PACKAGES!r}}}}}))"
    )
    found: dict[str, str] = json.loads(
        str(session.run("python", "-c", code, silent=True, log=False))
    )
    return found


def install(session: nox.Session, extra: str) -> None:
    """Install the project in place with one extra."""
    session.install("-e", f".[{extra}]")


def pytest_counts(report: Path) -> tuple[int, int]:
    """Read (passed, all but skipped) from pytest's XML report."""
    suites = ET.parse(report).getroot().iter("testsuite")  # noqa: S314 - our own file
    figures = [
        [int(suite.attrib[name]) for name in ("tests", "skipped", "failures", "errors")]
        for suite in suites
    ]
    tests, skipped, failures, errors = (sum(column) for column in zip(*figures, strict=True))
    return tests - skipped - failures - errors, tests - skipped


def run_tests(verification: Verification, profile: str) -> None:
    """Run the whole test suite; its closing summary is the last thing it prints."""
    report = BUILD / "pytest.xml"
    report.unlink(missing_ok=True)
    with verification.check("tests") as check:
        command = ("pytest", "-n", TEST_PROCESSES, f"--junitxml={report}")
        try:
            environment = {"TICKPROOF_HYPOTHESIS_PROFILE": profile}
            verification.session.run(*command, env=environment)
        finally:
            if report.exists():
                check.count(*pytest_counts(report))


def run_proofs(verification: Verification, timeout_s: int) -> None:
    """Run the proof gate; proofs and canaries are two lines of the table."""
    report = BUILD / "proofs.json"
    report.unlink(missing_ok=True)
    command = ("python", "tests/proofs/gate.py", "--jobs", "2")
    options = ("--timeout", str(timeout_s), "--json", str(report))
    canaries = Check("canaries")
    with verification.check("proofs") as proofs:
        try:
            verification.session.run(*command, *options, env=PROOF_ENVIRONMENT)
        finally:
            if report.exists():
                found = json.loads(report.read_text(encoding="utf-8"))
                proofs.count(**found["proofs"])
                canaries.count(**found["canaries"])
                canaries.ok = canaries.reached == canaries.listed > 0
    verification.checks.append(canaries)


def run_keys(verification: Verification, keys: tuple[str, ...], nightly: bool) -> None:
    """Compute keys of the verification table; each is a line of the closing table."""
    report = BUILD / "keys.json"
    report.unlink(missing_ok=True)
    only = [word for key in keys for word in ("--only", key)]
    options = ["--json", str(report), *(["--nightly"] if nightly else [])]
    session = verification.session
    session.run("python", "-m", "tests.verification", *only, *options, success_codes=[0, 1])
    found = json.loads(report.read_text(encoding="utf-8")) if report.exists() else []
    computed = {each["key"]: each for each in found}
    for key in keys:
        figures = computed.get(key, {})
        fields = {name: figures[name] for name in Check.__dataclass_fields__ if name in figures}
        verification.checks.append(Check(**{"key": key, **fields}))


def find_interpreter(version: str) -> str | None:
    """Find a Python of this version that runs: a name on PATH may be a shim that leads nowhere."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = [
        shutil.which(f"python{version}"),
        *map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python"))),
    ]
    for candidate in filter(None, candidates):
        command = [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        probe = subprocess.run(command, capture_output=True, text=True, check=False)
        if probe.returncode == 0 and probe.stdout.strip() == version:
            return candidate
    return None


def needed() -> list[str]:
    """What tests on another interpreter need: the base, and parts of the dev extra as pinned."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    base: list[str] = project["dependencies"]
    listed: list[str] = project["optional-dependencies"]["dev"]
    return [*base, *(each for each in listed if each.partition("==")[0] in SECONDARY_PACKAGES)]


def prepare_secondary(session: nox.Session, version: str) -> str:
    """Make an environment with another interpreter; its Python, or nothing where there is none.

    It is filled by the session's own pip, and the sources are on pytest's path: neither pip nor
    the project is installed.
    """
    interpreter = find_interpreter(version)
    if interpreter is None:
        session.warn(f"python {version} is not on this machine: its tests are not run")
        return ""
    folder = (BUILD / f"venv-{version}").absolute()
    python = str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")
    session.run(interpreter, "-m", "venv", "--without-pip", str(folder), external=True, silent=True)
    filling = ("python", "-m", "pip", "--python", python, "install", "-q")
    session.run(*filling, *needed(), silent=True)
    return python


def run_secondary(verification: Verification, version: str, python: str) -> None:
    """Run the fast tests on another interpreter, in its prepared environment."""
    with verification.check(f"tests-{version}"):
        # Assertions as they are: every process would take seconds to rewrite them all.
        tests = (python, "-m", "pytest", "--assert=plain", "-m", "not slow", "-n", TEST_PROCESSES)
        environment = {"TICKPROOF_HYPOTHESIS_PROFILE": "secondary"}
        verification.session.run(*tests, *SECONDARY_TESTS, env=environment, external=True)


def run_compiled(verification: Verification) -> None:
    """Compile the wheel, quickly rather than well, and run the fast tests of its modules on it.

    What Cython does not translate is found here, and what decides otherwise once it is compiled;
    the session `compiled` runs everything on the wheel as it is shipped.
    """
    session = verification.session
    if not any(shutil.which(name) for name in ("cc", "gcc", "clang", "cl")):
        session.warn("no C compiler on this machine: the compiled build is not tested")
        return
    folder = (BUILD / "compiled").absolute()
    shutil.rmtree(folder, ignore_errors=True)
    wanted = {"TICKPROOF_COMPILE": "1", "TICKPROOF_COMPILE_STRICT": "1", "CFLAGS": "-O0 -w"}
    environment = {
        "PYTHONPATH": str(folder),
        "TICKPROOF_EXPECTED_BUILD": "compiled",
        "TICKPROOF_HYPOTHESIS_PROFILE": "secondary",
    }
    with verification.check("compiled"):
        building = ("python", "-m", "pip", "install", "-q", "--no-deps", "--target")
        session.run(*building, str(folder), ".", env=wanted)
        tests = ("pytest", "-m", "not slow", "-n", TEST_PROCESSES, "-o", "pythonpath=.")
        session.run(*tests, *COMPILED_TESTS, env=environment)


def check_generated_docs(verification: Verification) -> None:
    """Compare the committed generated pages with what the code generates now."""
    if Path("docs/generate.py").exists():
        verification.run("docs-drift", "python", "docs/generate.py", "--check")


def verify_with(session: nox.Session, profile: str, proof_timeout_s: int) -> None:
    """Run every check with the given depth."""
    install(session, "dev")
    BUILD.mkdir(exist_ok=True)
    # Hundreds of processes import the same sources: bytecode is kept, whatever the shell says.
    session.env["PYTHONDONTWRITEBYTECODE"] = ""
    others = {version: prepare_secondary(session, version) for version in SECONDARY_PYTHONS}
    verification = Verification(session)
    verification.run("lint", "ruff", "check", ".")
    verification.run("format", "ruff", "format", "--check", ".")
    verification.run("types", "mypy")
    check_generated_docs(verification)
    run_proofs(verification, proof_timeout_s)
    nightly = profile == "nightly"
    run_keys(verification, KEYS, nightly)
    run_compiled(verification)
    for version, python in others.items():
        if python:
            run_secondary(verification, version, python)
    run_tests(verification, profile)
    if nightly:
        # A million messages through the fast matching venue and the plain one, two kinds of market.
        for market in ("plain", "crowded"):
            command = ("python", "-m", "benchmarks.matching", "--market", market, "--check")
            verification.run(f"matching-{market}", *command)
    verification.close(installed_versions(session))


@nox.session
def verify(session: nox.Session) -> None:
    """Decide whether this commit stands: lint, types, proofs, tests, generated pages."""
    verify_with(session, profile="ci", proof_timeout_s=60)


@nox.session
def verify_nightly(session: nox.Session) -> None:
    """Run the same checks with random seeds, more steps and longer proofs.

    About three quarters of an hour on two cores. A proof takes seconds, so twice the time of
    `verify` is slack enough: one that needs more has changed, and should be looked at.
    """
    verify_with(session, profile="nightly", proof_timeout_s=120)


@nox.session(python=["3.11", *SECONDARY_PYTHONS])
def tests(session: nox.Session) -> None:
    """Run the tests on each interpreter present; arguments go to pytest."""
    install(session, "dev")
    session.run("pytest", "-n", TEST_PROCESSES, *session.posargs)


@nox.session
def proofs(session: nox.Session) -> None:
    """Run the proof gate; arguments go to it, such as ``--only order``."""
    install(session, "dev")
    session.run("python", "tests/proofs/gate.py", *session.posargs, env=PROOF_ENVIRONMENT)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site from what the code draws now; a warning is an error."""
    install(session, "run,docs")
    session.run("python", "docs/generate.py", "--check")
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "build/docs")


@nox.session
def compiled(session: nox.Session) -> None:
    """Build the compiled wheel, install it, and run the tests and digests against it."""
    # Not the session's own temporary folder: tests that want to be outside of a checkout would not.
    folder = (BUILD / "wheel").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {"TICKPROOF_COMPILE": "1", "TICKPROOF_COMPILE_STRICT": "1"}
    for old in folder.glob("*.whl"):
        old.unlink()
    session.run(
        "python", "-m", "pip", "wheel", "--no-deps", "-q", "-w", str(folder), ".", env=wanted
    )
    wheel = next(folder.glob("*.whl"))
    session.install("--force-reinstall", "--no-deps", str(wheel))
    session.install(f"tickproof[dev] @ {wheel.as_uri()}")
    code = "from tickproof.kernel import BUILD; assert BUILD == 'compiled', BUILD"
    session.run("python", "-c", code)
    # The sources are not on the path: what is installed is what is tested.
    tests = ("pytest", "-n", TEST_PROCESSES, "-o", "pythonpath=.", *session.posargs)
    session.run(*tests, env={"TICKPROOF_EXPECTED_BUILD": "compiled"})


@nox.session
def bench(session: nox.Session) -> None:
    """Fail when a workload became slower, by ratio to a loop timed in the same run.

    Arguments run the benchmarks instead, such as ``--workload W1``.
    """
    install(session, "run")
    module = "benchmarks" if session.posargs else "benchmarks.guard"
    session.run("python", "-m", module, *session.posargs)


@nox.session
def matching_long(session: nox.Session) -> None:
    """Compare both matching venues over 100,000,000 messages; stopped, it goes on where it was.

    About an hour and a half of one core; arguments go to the comparison.
    """
    install(session, "dev")
    session.run("python", "-m", "benchmarks.matching_long", *session.posargs)


@nox.session
def demo(session: nox.Session) -> None:
    """Run the demo as a user would."""
    session.install(".[run]")
    session.run("tickproof", "demo", *session.posargs)
