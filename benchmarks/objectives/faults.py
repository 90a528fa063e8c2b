"""python -m benchmarks.objectives.faults: plant a fault in every formula of the objectives, and see
which test notices.

The changed source takes the place of a module's functions in this process; no file changes. Of
the tests of the objectives those run whose names hold the formula's. The list of faults is
`fault_list`; the results say which test turned red first.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated

import pytest
import typer

from tts.files import write_json_file

from .document import DOCS, replace_part
from .fault_list import FAULTS, Fault

TESTS = "tests/training/acoustic/objectives"
PACKAGE = "tts.training.acoustic.objectives"
RESULTS = Path(__file__).parents[1] / "results" / "objective-faults.json"


@dataclass
class FirstFailure:
    """A plugin that keeps the name of the first test that fails, and how many ran."""

    name: str | None = None
    count: int = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.count += report.when == "call"
        if report.failed and self.name is None:
            self.name = report.nodeid.removeprefix(f"{TESTS}/")


@contextmanager
def planted(fault: Fault) -> Iterator[None]:
    """Put a fault into its module, and into all that took something from it.

    Raises:
        ValueError: the text to replace is not in the module exactly once.
    """
    module = import_module(f"{PACKAGE}.{fault.module}")
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    if source.count(fault.old) != 1:
        raise ValueError(
            f"{fault.old!r} must stand in {fault.module}.py exactly once; write another fault"
        )
    package = [m for name, m in sys.modules.items() if name.startswith(PACKAGE)]
    kept = {name: dict(vars(each)) for name, each in sys.modules.items() if each in package}
    objectives = dict(vars(sys.modules[PACKAGE])["OBJECTIVES"])
    try:
        exec(
            compile(source.replace(fault.old, fault.new), str(module.__file__), "exec"),
            vars(module),
        )
        _spread(kept[module.__name__], module, package)
        yield
    finally:
        for name, values in kept.items():
            vars(sys.modules[name]).update(values)
        vars(sys.modules[PACKAGE])["OBJECTIVES"].update(objectives)


def _spread(before: dict[str, object], module: ModuleType, package: list[ModuleType]) -> None:
    """Let all modules of the package have what is new in one of them."""
    for name, new in list(vars(module).items()):
        old = before.get(name)
        if new is not old and callable(new) and not name.startswith("__"):
            for other in package:
                if vars(other).get(name) is old:
                    vars(other)[name] = new
    known = vars(sys.modules[PACKAGE])["OBJECTIVES"]
    for new in list(vars(module).values()):
        if type(new).__name__ == "Objective" and new.name in known:
            known[new.name] = new


def notice(fault: Fault | None) -> FirstFailure:
    """The first test that fails with a fault planted."""
    found = FirstFailure()
    word = fault.formula if fault else ""
    options = ["-q", "-n0", "-x", "--timeout=0", "-p", "no:cacheprovider", "--no-header"]
    pytest.main([TESTS, *options, "--tb=no", "-k", word], plugins=[found])
    return found


def table(rows: list[dict[str, str]]) -> str:
    """A Markdown table of the kinds of faults in each formula, and of the tests that noticed."""
    lines = ["| Formula | Planted | First test that failed |", "|---|---|---|"]
    formulas = dict.fromkeys((row["formula"], row["module"]) for row in rows)
    for formula, module in formulas:
        own = [row for row in rows if (row["formula"], row["module"]) == (formula, module)]
        kinds = Counter(row["kind"] for row in own)
        counted = ", ".join(kind + (f" ({n})" if n > 1 else "") for kind, n in kinds.items())
        tests = dict.fromkeys(_test(row["noticed by"]) for row in own)
        name = f"`{formula}`" if formula else f"all (`{module}`)"
        lines.append(f"| {name} | {counted} | {', '.join(tests)} |")
    return "\n".join(lines)


def _test(node: str | None) -> str:
    """The name of a test without its module and its parameters."""
    return f"`{node.split('::')[1].split('[')[0]}`" if node else "none"


def main(
    out: Annotated[Path, typer.Option(help="File of the results (JSON).")] = RESULTS,
) -> None:
    """Plant each fault by itself; a run that was stopped goes on."""
    rows = json.loads(out.read_text(encoding="utf-8")) if out.exists() else []
    done = {(row["module"], row["old"], row["new"]) for row in rows}
    if not rows:
        clean = notice(None)
        assert clean.name is None, f"without a fault {clean.name} fails"
    for fault in FAULTS:
        if (fault.module, fault.old, fault.new) not in done:
            with planted(fault):
                noticed = notice(fault).name
            rows.append(asdict(fault) | {"noticed by": noticed})
            write_json_file(out, rows)
    missed = [row for row in rows if not row["noticed by"]]
    if out == RESULTS:
        replace_part(DOCS, "faults", table(rows))
    typer.echo(f"{len(rows)} faults, {len(rows) - len(missed)} noticed; not noticed: {missed}")


if __name__ == "__main__":
    typer.run(main)
