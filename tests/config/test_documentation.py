"""What the documents say about settings and commands is there, and what is there is documented."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
READ = re.compile(r"(?:env\.(?:text|flag|number|words|group)|_kept_secret)\(\s*\"([A-Z_]+)\"")
IN_CODE_MARKS = re.compile(r"`([A-Z][A-Z_]{2,})(?:…)?`")
OF_THE_SERVER = {"FORWARDED_ALLOW_IPS", "NAME_FILE"}


def variables_read() -> set[str]:
    return set(READ.findall((ROOT / "config" / "settings.py").read_text(encoding="utf-8")))


def variables_documented() -> set[str]:
    return set(IN_CODE_MARKS.findall((ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")))


def test_every_variable_is_documented() -> None:
    assert variables_read() - variables_documented() == set()


def test_nothing_is_documented_that_nobody_reads() -> None:
    assert variables_documented() - variables_read() - OF_THE_SERVER - {"INFO", "WARNING", "DEBUG"} == set()


def test_commands_that_the_documents_name_exist() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", text)) - targets == set()


def test_files_that_the_units_and_documents_name_exist() -> None:
    for name in ("docs/configuration.md", "docs/operations.md", "deploy/systemd/sportello-web.service", "LICENSE"):
        assert (ROOT / name).is_file(), name
