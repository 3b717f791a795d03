"""The rules that must not bend, read from the source: who imports whom, and that nobody asks which channel this is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels_adapters import registry

ROOT = Path(__file__).resolve().parent.parent
OURS = ("config", "crm", "contactcenter", "channels_adapters")
PAGES = {"desk", "cases", "dashboards", "portal", "administration", "api", "demo_street", "management"}
MIDDLE_UP = ("intake", "calls")  # may also use the outbox; a door of the intake hands calls on to who keeps them
LOW = {"accounts", "files", "routing", "queues", "sla", "figures", "live", "push"}
TABLES_OF_CONTENTS = {"apps", "models", "background"}  # they name every room and decide nothing
OPEN_TO_THE_CORE = {
    "channels_adapters",
    "channels_adapters.contract",
    "channels_adapters.registry",
    "channels_adapters.http",
}


def sources(*rooms: str) -> list[Path]:
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts]


def imports(path: Path) -> Iterator[str]:
    """Full names of modules (and of what `from package import module` brings)."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, path)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names if _is_module(f"{base}.{alias.name}"))


def _absolute(node: ast.ImportFrom, path: Path) -> str:
    if not node.level:
        return node.module or ""
    package = path.relative_to(ROOT).parts[: -node.level]
    return ".".join([*package, *([node.module] if node.module else [])])


def _is_module(name: str) -> bool:
    place = ROOT.joinpath(*name.split("."))
    return place.with_suffix(".py").is_file() or place.is_dir()


def ours(path: Path) -> list[str]:
    return [name for name in imports(path) if name.split(".")[0] in OURS]


def offences(paths: list[Path], allowed: object) -> list[str]:
    assert callable(allowed)
    return [
        f"{path.relative_to(ROOT)} imports {name}" for path in paths for name in ours(path) if not allowed(path, name)
    ]


def test_nothing_imports_the_configuration() -> None:
    paths = sources("crm", "contactcenter", "channels_adapters")
    assert offences(paths, lambda _path, name: not name.startswith("config")) == []


def test_memory_knows_only_itself() -> None:
    assert offences(sources("crm"), lambda _path, name: name.split(".")[0] == "crm") == []


def test_memory_leans_on_django_and_the_announcement_alone() -> None:
    allowed = {"django", "channels", "structlog", "crm"}
    import sys

    third = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources("crm")
        for name in imports(path)
        if name.split(".")[0] not in allowed | set(sys.stdlib_module_names)
    ]
    assert third == []


def _room(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else ""


def _contactcenter_may(path: Path, name: str) -> bool:
    top = name.split(".")[0]
    if top == "crm":
        return True
    if top == "channels_adapters":
        return name in OPEN_TO_THE_CORE or any(
            name.startswith(f"{known}.") for known in OPEN_TO_THE_CORE - {"channels_adapters"}
        )
    here, there = path.relative_to(ROOT / "contactcenter").parts[0].removesuffix(".py"), _room(name)
    if there in {"", here} or here in TABLES_OF_CONTENTS:
        return True
    if here in PAGES:
        return (
            there not in PAGES or here in {"management", "demo_street", "administration"} or there == "administration"
        )
    if here in MIDDLE_UP:
        return there in LOW | {"outbox"} or (here, there) == ("intake", "calls")
    if here == "writing":
        return there in LOW | {"outbox"}
    if here == "outbox":
        return there in LOW
    return there in LOW


def test_rooms_of_the_contact_centre_lean_downwards_only() -> None:
    assert offences(sources("contactcenter"), _contactcenter_may) == []


def test_no_concrete_adapter_is_imported_outside_its_folder() -> None:
    kinds = {path.parent.name for path in (ROOT / "channels_adapters").glob("*/adapter.py")}

    def allowed(path: Path, name: str) -> bool:
        parts = name.split(".")
        concrete = parts[0] == "channels_adapters" and len(parts) > 1 and parts[1] in kinds
        return not concrete or (ROOT / "channels_adapters" / parts[1]) in path.parents

    assert offences(sources(*OURS), allowed) == []


def test_an_adapter_knows_the_contract_and_nothing_else_of_ours() -> None:
    folders = [path.parent for path in (ROOT / "channels_adapters").glob("*/adapter.py")]
    assert folders

    def allowed(path: Path, name: str) -> bool:
        folder = next(folder for folder in folders if folder in path.parents)
        known = {"channels_adapters", "channels_adapters.contract", "channels_adapters.http"}
        return name.startswith((f"channels_adapters.{folder.name}", "channels_adapters.http.")) or name in known

    paths = [path for folder in folders for path in folder.rglob("*.py")]
    assert offences(paths, allowed) == []


def test_the_contract_needs_the_standard_library_alone() -> None:
    import sys

    own = "channels_adapters.contract"
    names = {name for path in sources("channels_adapters/contract") for name in imports(path)}
    assert {name.split(".")[0] for name in names if not name.startswith(own)} <= set(sys.stdlib_module_names)


def _strings(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _decisions(tree: ast.AST) -> Iterator[ast.AST]:
    """Everything that compares, matches or keys: where a channel's kind must not stand."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare | ast.match_case | ast.Subscript):
            yield node.pattern if isinstance(node, ast.match_case) else node
        elif isinstance(node, ast.Dict):
            yield from (key for key in node.keys if key is not None)
        elif isinstance(node, ast.Call):
            yield from (keyword.value for keyword in node.keywords if keyword.arg and keyword.arg.startswith("kind"))


def kinds_in_decisions(source: str, kinds: set[str]) -> list[str]:
    return [text for node in _decisions(ast.parse(source)) for text in _strings(node) if text in kinds]


def test_no_decision_in_the_core_asks_which_channel_this_is() -> None:
    kinds = set(registry.adapters()) - {"api"}  # also the name of a room; the next test covers it
    found = {
        str(path.relative_to(ROOT)): asked
        for path in sources("crm", "contactcenter")
        if (asked := kinds_in_decisions(path.read_text(encoding="utf-8"), kinds))
    }
    assert found == {}


def test_nobody_in_the_core_compares_an_accounts_kind() -> None:
    asking = re.compile(r"\.kind\s*(==|!=|in\b|not in\b)|kind__(in|exact)\b|filter\([^)]*\bkind=")
    found = [
        str(path.relative_to(ROOT))
        for path in sources("crm", "contactcenter")
        if asking.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


TEMPLATE_TAG = re.compile(r"\{%\s*(?:el)?if\b[^%]*%\}|\{%\s*(?:switch|case|include)\b[^%]*%\}")


def test_no_template_in_the_core_asks_which_channel_this_is() -> None:
    kinds = re.compile(r"\.kind\b|['\"](" + "|".join(registry.adapters()) + r")['\"]")
    found = [
        f"{path.relative_to(ROOT)}: {tag}"
        for room in ("crm", "contactcenter")
        for path in sorted((ROOT / room).rglob("*.html"))
        for tag in TEMPLATE_TAG.findall(path.read_text(encoding="utf-8"))
        if kinds.search(tag)
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        'if account.kind == "email": pass',
        'match kind:\n    case "email": pass',
        'WORDS = {"email": 1}',
        'ICONS["email"]',
        'if kind in ("email", "sms"): pass',
        'rows.filter(kind="email")',
    ],
)
def test_the_rule_catches_what_it_forbids(source: str) -> None:
    assert kinds_in_decisions(source, {"email"}) == ["email"]
