"""Build hook: a pure wheel by default, compiled modules on request.

``TICKPROOF_COMPILE=1`` compiles every module of the kernel, and every shipped strategy, that has a
``.pxd`` (types only) beside it and ships the extension next to its ``.py``. A failed compile falls
back to the pure wheel, and says why in a file that ``tickproof --version`` reads, because pip hides
warnings; ``TICKPROOF_COMPILE_STRICT=1`` makes it an error. A pure build never fetches Cython.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOTS = (Path("kernel"), Path("runtime"))
EXTENSION_SUFFIXES = (".so", ".pyd")
REASON_FILE = "tickproof/kernel/not_compiled.txt"
DIRECTIVES = {
    "annotation_typing": False,  # types come from the .pxd alone
    "boundscheck": True,
    "wraparound": True,
    "overflowcheck": True,  # a product beyond 64 bits raises instead of wrapping
    "cdivision": False,  # division as in Python
}


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling finds this class by its base, not by its name."""

    def dependencies(self) -> list[str]:
        """Name what the build needs besides hatchling."""
        return ["Cython>=3.1,<4", "setuptools"] if self._compile_wanted() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add compiled modules to the wheel when they were asked for."""
        if version == "editable" or not self._compile_wanted():
            return
        try:
            extensions = compile_modules(Path(self.root), Path(tempfile.mkdtemp()))
        except (Exception, SystemExit) as error:  # distutils reports failure as SystemExit
            if os.environ.get("TICKPROOF_COMPILE_STRICT") == "1":
                raise
            reason = " ".join(str(error).split()) or type(error).__name__
            self.app.display_warning(f"kernel not compiled ({reason}); the pure one is packaged")
            note = Path(tempfile.mkdtemp()) / "reason.txt"
            note.write_text(reason[:200] + "\n", encoding="utf-8")
            build_data["force_include"][str(note)] = REASON_FILE
            return
        build_data["force_include"].update(extensions)
        build_data.update(pure_python=False, infer_tag=True)

    def _compile_wanted(self) -> bool:
        return self.target_name == "wheel" and os.environ.get("TICKPROOF_COMPILE") == "1"


def compile_modules(project: Path, scratch: Path) -> dict[str, str]:
    """Compile each module that has a ``.pxd``; return {built file: path in the wheel}."""
    # Only a compiling build installs these.
    from Cython.Build import cythonize  # noqa: PLC0415
    from setuptools import Distribution, Extension  # noqa: PLC0415

    os.chdir(project)  # cython resolves include paths against the working directory
    modules = [
        Extension(
            ".".join(declaration.relative_to(root).with_suffix("").parts),
            [str(declaration.with_suffix(".py"))],
            # Debug symbols would double the time and quadruple the size.
            extra_compile_args=[] if os.name == "nt" else ["-g0"],
        )
        for root in ROOTS
        for declaration in sorted(root.rglob("*.pxd"))
    ]
    extensions = cythonize(
        modules,
        include_path=["spec", "kernel", "runtime"],
        build_dir=str(scratch / "c"),
        language_level=3,
        compiler_directives=DIRECTIVES,
    )
    distribution = Distribution({"name": "tickproof", "ext_modules": extensions})
    command = distribution.get_command_obj("build_ext")
    library = scratch / "lib"
    command.build_lib, command.build_temp = str(library), str(scratch / "tmp")
    command.parallel = os.cpu_count()
    command.ensure_finalized()
    command.run()
    return {
        str(built): str(built.relative_to(library))
        for built in sorted(library.rglob("*"))
        if built.suffix in EXTENSION_SUFFIXES
    }
