"""The page of the log that has the tables of these benchmarks."""

from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs" / "log" / "2026-11-29-flow-map-objectives.md"


def replace_part(path: Path, name: str, text: str) -> None:
    """Replace what stands between the marks of a name in a document."""
    before, rest = path.read_text(encoding="utf-8").split(f"<!-- {name} -->")
    after = rest.split(f"<!-- end of {name} -->")[1]
    whole = f"{before}<!-- {name} -->\n{text}\n<!-- end of {name} -->{after}"
    path.write_text(whole, encoding="utf-8")
