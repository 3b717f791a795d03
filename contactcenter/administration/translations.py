"""The catalogues of this house: what must be translated, what is, and the compiled form Django reads.

Each part of the house that brings words has a `locale` folder. Beside the catalogue `<lang>/LC_MESSAGES/django.po`
there may be `parts/<room>.<lang>.po`, so that people who work side by side don't write into one file.
"""

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message as Entry
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po
from django.conf import settings

from contactcenter.administration import message_sources
from contactcenter.administration.message_sources import Found, Message

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def source_language() -> str:
    return "en"


def languages() -> list[str]:
    """Those that need a catalogue: the words in the code are English."""
    return [code for code, _ in settings.LANGUAGES if code != source_language()]


def roots() -> list[Path]:
    """Folders that bring words, each with its own `locale`."""
    adapters = sorted(path.parent for path in settings.BASE_DIR.glob("channels_adapters/*/adapter.py"))
    return [settings.BASE_DIR / "crm", settings.BASE_DIR / "contactcenter", *adapters]


# --- reading ----------------------------------------------------------------------------------------------------------


def catalogue_file(root: Path, language: str) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def part_files(root: Path, language: str) -> list[Path]:
    return sorted((root / "locale" / "parts").glob(f"*.{language}.po"))


def files(root: Path, language: str) -> list[Path]:
    candidates = [catalogue_file(root, language), *part_files(root, language)]
    return [path for path in candidates if path.is_file()]


def read(root: Path, language: str) -> Catalog:
    """The catalogue and its parts as one; the catalogue itself wins. Raises `ValueError` for a broken file."""
    whole = Catalog(locale=language, charset="utf-8", project="Sportello", version="1", fuzzy=False)
    for path in files(root, language):
        for entry in _entries(path, language):
            known = whole.get(entry.id, entry.context)
            if known is None or not any(_strings(known)):
                whole.add(entry.id, entry.string, flags=entry.flags, context=entry.context)
    return whole


def _entries(path: Path, language: str) -> Iterator[Entry]:
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError, ValueError) as error:
        raise ValueError(f"{path} can't be read: {error}") from error
    return (entry for entry in catalogue if entry.id)


def _strings(entry: Entry) -> tuple[str, ...]:
    return tuple(entry.string) if isinstance(entry.string, list | tuple) else (entry.string or "",)


def wanted(root: Path) -> dict[Message, str]:
    """Every message under `root`, with the place where it was first seen ("desk/views.py:12")."""
    found: dict[Message, str] = {}
    for one in _sources(root):
        found.setdefault(one.message, f"{os.path.relpath(one.path, root)}:{one.line}")
    return found


def _sources(root: Path) -> Iterator[Found]:
    """The core's catalogue also speaks for what all adapters share (the fetcher) and no adapter's folder holds."""
    yield from message_sources.in_folder(root)
    if root == settings.BASE_DIR / "contactcenter":
        for path in sorted((settings.BASE_DIR / "channels_adapters").glob("*.py")):
            yield from message_sources.in_python(path)


# --- checking ---------------------------------------------------------------------------------------------------------


def complaints() -> Iterator[str]:
    """One line for each message that some language lacks or has wrong."""
    for root in roots():
        messages = wanted(root)
        for language in languages() if messages else ():
            catalogue = read(root, language)
            for message, place in messages.items():
                if fault := _fault(message, catalogue):
                    yield f"{language}: {fault}: “{message.singular}” ({root.name}/{place})"


def _fault(message: Message, catalogue: Catalog) -> str:
    entry = catalogue.get(message.singular, message.context or None)
    if entry is None:
        return "missing"
    strings = _strings(entry)
    if bool(message.plural) != isinstance(entry.id, list | tuple):
        return "plural form differs from the code"
    if not all(strings) or (message.plural and len(strings) != catalogue.num_plurals):
        return "empty"
    if entry.fuzzy:
        return "fuzzy"
    return "" if _same_placeholders(message, strings) else "other placeholders"


def _same_placeholders(message: Message, strings: tuple[str, ...]) -> bool:
    """A plural form may leave the number out ("one message"); nothing may name what isn't there."""
    if not message.plural:
        return all(_placeholders(text) == _placeholders(message.singular) for text in strings)
    allowed = _placeholders(message.singular) | _placeholders(message.plural)
    return all(_placeholders(text) <= allowed for text in strings)


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text.replace("%%", "")))


# --- writing ----------------------------------------------------------------------------------------------------------


def compile_all() -> int:
    """Write what Django reads, where a source is newer. Returns how many catalogues were written."""
    return sum(_compile(root, language) for root in roots() for language in languages())


def _compile(root: Path, language: str) -> bool:
    sources = files(root, language)
    target = catalogue_file(root, language).with_suffix(".mo")
    if not sources or (target.exists() and target.stat().st_mtime >= max(path.stat().st_mtime for path in sources)):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    finished = target.with_suffix(".mo.new")
    with finished.open("wb") as file:
        write_mo(file, read(root, language))
    finished.replace(target)
    return True


def uncompiled() -> list[str]:
    """Catalogues without their compiled form, as "contactcenter (it)"."""
    pairs = [(root, language) for root in roots() for language in languages() if files(root, language)]
    return [
        f"{root.name} ({code})" for root, code in pairs if not catalogue_file(root, code).with_suffix(".mo").exists()
    ]


def merge(root: Path, language: str) -> int:
    """Fold the parts into the catalogue, add what the code says, drop what it no longer says. Returns its size."""
    messages = wanted(root)
    if not messages:
        return 0
    known, whole = read(root, language), Catalog(locale=language, project="Sportello", version="1", fuzzy=False)
    for message, place in messages.items():
        entry = known.get(message.singular, message.context or None)
        path, _, line = place.rpartition(":")
        identity = (message.singular, message.plural) if message.plural else message.singular
        fits = entry is not None and isinstance(entry.id, list | tuple) == bool(message.plural)
        strings = entry.string if entry is not None and fits else None
        whole.add(identity, strings, [(path, int(line))], context=message.context or None)
    _write(whole, catalogue_file(root, language))
    for part in part_files(root, language):
        part.unlink()
    return len(messages)


def _write(catalogue: Catalog, path: Path) -> None:
    buffer = io.BytesIO()
    # Without dates and line numbers: a catalogue changes only when words do.
    write_po(buffer, catalogue, width=120, sort_output=True, omit_header=True, include_lineno=False)
    header = (
        f'msgid ""\nmsgstr ""\n"Language: {catalogue.locale_identifier}\\n"\n'
        f'"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header.encode() + buffer.getvalue().strip() + b"\n")
