"""Rules of the house about the shape of files that no linter of ours knows."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("config", "crm", "contactcenter", "channels_adapters", "tests")
VAGUE = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}


def ours(*suffixes: str) -> list[Path]:
    found = [path for room in OURS for suffix in suffixes for path in (ROOT / room).rglob(f"*{suffix}")]
    return sorted(path for path in found if "migrations" not in path.parts)


def lines(path: Path) -> int:
    """Lines with something on them: air between the paragraphs is free."""
    return sum(bool(line.strip()) for line in path.read_text(encoding="utf-8").splitlines())


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_python_file_is_longer_than_400_lines() -> None:
    assert {str(path.relative_to(ROOT)): lines(path) for path in ours(".py") if lines(path) > 400} == {}


def test_no_script_of_ours_is_longer_than_200_lines() -> None:
    assert {str(path.relative_to(ROOT)): lines(path) for path in ours(".js") if lines(path) > 200} == {}


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [str(path.relative_to(ROOT)) for path in ours(".py", ".js") if path.stem in VAGUE] == []


@pytest.mark.parametrize("share, at_most", [(0.5, 8), (0.9, 25)])
def test_functions_are_short(share: float, at_most: int) -> None:
    sizes = sorted(
        (node.end_lineno or node.lineno) - node.lineno + 1
        for path in ours(".py")
        if "tests" not in path.parts
        for node in functions(path)
    )
    assert sizes[int(len(sizes) * share)] <= at_most, f"{share:.0%} of {len(sizes)} functions must be this short"
