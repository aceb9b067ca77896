"""The `.pxd` files beside compiled modules: types and nothing else, and of everything there is."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tickproof.kernel
import tickproof.runtime.strategies
from tickproof.kernel import BUILD
from tickproof.kernel.chain import KernelChain
from tickproof.kernel.tape import Tape
from tickproof.spec.stream import EventColumns

KERNEL_ROOT = Path(str(tickproof.kernel.__file__)).parents[1]
STRATEGIES = Path(str(tickproof.runtime.strategies.__file__)).parent
DECLARATIONS = sorted(
    [
        *KERNEL_ROOT.glob("kernel/*.pxd"),
        *KERNEL_ROOT.glob("venue/*.pxd"),
        *STRATEGIES.glob("*.pxd"),
    ]
)
NAMES = [f"{each.parent.name}/{each.name}" for each in DECLARATIONS]

TYPE = (
    r"(?:(?:const )?long long(?:\[:(?:, :)?(?::1)?\])?|int|int64_t"
    r"|bint|void|object|list|dict|tuple|bytes|bytearray|[A-Z]\w+|\((?:long long(?:, )?)+\))"
)
PARAMETER = rf"(?:self|(?:{TYPE} )?\w+(?:=\*)?)"
FORMS = (
    r"import cython",
    r"from tickproof\.\w+\.\w+ cimport [\w, ]+",
    r"from libc\.stdint cimport int64_t",
    rf"cdef {TYPE} \w+",
    r"@cython\.final",
    r"cdef class \w+(?:(?:\(\w+\))?:)?",
    rf"cdef public {TYPE} \w+",
    r"@cython\.locals\((?:\w+=(?:cython\.\w+|\w+|\"const long long\[:(?::1)?\]\"),? ?)+\)",
    rf"cp?def (?:{TYPE} )?\w+\((?:{PARAMETER},? ?)*\)(?: except\?? -1)?",
)
FUNCTION = re.compile(r"cp?def (?!class )[^(]*?(\w+)\(")

HOLDS_A_SCOPE = (ast.GeneratorExp, ast.Lambda, ast.FunctionDef, ast.Yield)


def logical_lines(text: str) -> list[str]:
    """Statements without comments and blank lines, each on one line."""
    bare = re.sub(r"#.*", "", text)
    while (joined := re.sub(r"\(([^()]*)\n\s*", r"(\1 ", bare)) != bare:
        bare = joined
    lines = (re.sub(r"\( +", "(", line.strip()) for line in bare.splitlines())
    return [re.sub(r",? +\)", ")", line) for line in lines if line]


def declared(text: str) -> dict[str, list[str]]:
    """Attributes by class."""
    found: dict[str, list[str]] = {}
    for line in logical_lines(text):
        if line.startswith("cdef class ") and line.endswith(":"):
            found[line[11:-1].partition("(")[0]] = []
        elif line.startswith("cdef public "):
            found[list(found)[-1]].append(line.rsplit(" ", 1)[1])
    return found


def slots(source: str) -> dict[str, list[str]]:
    """`__slots__` by class."""
    found = {}
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ClassDef):
            continue
        for each in node.body:
            if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "__slots__":
                found[node.name] = list(ast.literal_eval(each.value))
    return found


def functions(source: str) -> dict[str, list[str]]:
    """Parameter names by qualified name."""
    tree = ast.parse(source)
    found = {}
    scopes: list[ast.Module | ast.ClassDef] = [tree]
    scopes += [each for each in tree.body if isinstance(each, ast.ClassDef)]
    for scope in scopes:
        prefix = scope.name + "." if isinstance(scope, ast.ClassDef) else ""
        for each in scope.body:
            if isinstance(each, ast.FunctionDef):
                found[prefix + each.name] = [argument.arg for argument in each.args.args]
    return found


@pytest.mark.parametrize("declaration", DECLARATIONS, ids=NAMES)
def test_types_and_nothing_else(declaration: Path) -> None:
    for line in logical_lines(declaration.read_text(encoding="utf-8")):
        assert any(re.fullmatch(form, line) for form in FORMS), line


@pytest.mark.parametrize("declaration", DECLARATIONS, ids=NAMES)
def test_every_attribute_has_a_type(declaration: Path) -> None:
    """An attribute that is not declared would be an error at run time, in one build only."""
    source = declaration.with_suffix(".py").read_text(encoding="utf-8")
    expected = slots(source)
    for name, attributes in declared(declaration.read_text(encoding="utf-8")).items():
        assert sorted(attributes) == sorted(expected[name]), name


@pytest.mark.parametrize("declaration", DECLARATIONS, ids=NAMES)
def test_every_declared_function_is_there_with_these_parameters(declaration: Path) -> None:
    known = functions(declaration.with_suffix(".py").read_text(encoding="utf-8"))
    scope = ""
    for line in logical_lines(declaration.read_text(encoding="utf-8")):
        if line.startswith("cdef class "):
            scope = line[11:-1].partition("(")[0] + "."
        name = FUNCTION.match(line)
        if name is None:
            continue
        inside = re.sub(
            r"\((?:long long(?:, )?)+\)", "", line[line.index("(") + 1 : line.rindex(")")]
        )
        parameters = [each.split()[-1].removesuffix("=*") for each in inside.split(",") if each]
        qualified = scope + name[1] if scope + name[1] in known else name[1]
        assert known.get(qualified) == parameters, line


@pytest.mark.parametrize("declaration", DECLARATIONS, ids=NAMES)
def test_no_declared_function_holds_another(declaration: Path) -> None:
    """A generator expression is a function inside a function, which a declared one cannot have."""
    lines = logical_lines(declaration.read_text(encoding="utf-8"))
    names = {found[1] for line in lines if (found := FUNCTION.match(line))}
    for node in ast.walk(ast.parse(declaration.with_suffix(".py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name in names:
            inside = [each for each in ast.walk(node) if each is not node]
            assert not any(isinstance(each, HOLDS_A_SCOPE) for each in inside), node.name


@pytest.mark.parametrize("declaration", DECLARATIONS, ids=NAMES)
def test_every_declared_number_is_there(declaration: Path) -> None:
    """One that its module does not set would be 0 in one build, and no name in the other."""
    tree = ast.parse(declaration.with_suffix(".py").read_text(encoding="utf-8"))
    known = set()
    for each in tree.body:
        if isinstance(each, ast.Assign):
            known |= {n.id for n in ast.walk(each.targets[0]) if isinstance(n, ast.Name)}
        elif isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            known.add(each.target.id)
        elif isinstance(each, ast.ImportFrom):
            known |= {alias.asname or alias.name for alias in each.names}
    assert numbers_of(declaration) <= known


def numbers_of(declaration: Path) -> set[str]:
    """Module numbers, and lists of them, that are C's: no names in the compiled build."""
    lines = logical_lines(declaration.read_text(encoding="utf-8"))
    found = r"cdef (long long|int64_t|object|list|tuple|dict) \w+"
    return {line.split()[-1] for line in lines if re.fullmatch(found, line)}


def test_no_declared_number_is_imported_from_elsewhere() -> None:
    hidden = {
        f"tickproof.{each.parent.name}.{each.stem}": numbers_of(each) for each in DECLARATIONS
    }
    project = Path(__file__).resolve().parents[2]
    sources = (KERNEL_ROOT, STRATEGIES, project / "tests", project / "benchmarks")
    for path in (path for root in sources for path in root.rglob("*.py")):
        for each in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(each, ast.ImportFrom) and each.module in hidden:
                assert not hidden[each.module] & {alias.name for alias in each.names}, path


def test_there_are_declarations_for_what_is_hot() -> None:
    hot = ("kernel/kernel.pxd", "kernel/book.pxd", "kernel/chain.pxd", "kernel/orders.pxd")
    venue = ("venue/venue.pxd", "venue/simulation.pxd")
    assert {*hot, *venue, "strategies/touch_quoter.pxd", "strategies/ema_cross.pxd"} <= {*NAMES}


def test_the_build_is_named() -> None:
    """`nox -s compiled` says which it expects, so that it cannot test the other by mistake."""
    assert BUILD in ("pure", "compiled")
    assert os.environ.get("TICKPROOF_EXPECTED_BUILD", BUILD) == BUILD


def test_the_source_can_be_preferred_to_an_extension() -> None:
    code = (
        "import tickproof.kernel as k, tickproof.venue.venue as v\n"
        "from tickproof.runtime.strategies import touch_quoter as s\n"
        "print(k.BUILD, s.__file__.endswith('.py'), v.__file__)"
    )
    environment = {**os.environ, "TICKPROOF_PURE": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.startswith("pure True ")
    assert told.stdout.strip().endswith(".py")


def test_a_wide_product_raises_where_it_could_wrap() -> None:
    """What cannot be held is an error in the compiled build, never another number."""
    chain = KernelChain(b"")
    if BUILD == "compiled":
        with pytest.raises(OverflowError):
            chain.count = 2**63
        chain.count = 2**63 - 1
        with pytest.raises(OverflowError):
            chain.follow(Tape(EventColumns()), 0, 1)
