"""Every adapter folder keeps the contract: its fixtures are replayed, one file = one case.

`fixtures/<case>.<anything but json>` is the raw body, `fixtures/<case>.json` tells the rest:

    {"request": {"door", "method", "url", "headers", "form", "sender"}, "settings": {…}, "account": {…}, "now": instant,
     "events": [{"type": "InboundMessage", …any fields…}]  or  "refused": true  or  "unparseable": true}

`fixtures/settings.json` holds the settings and account of all cases: {"settings": {…}, "account": {…}}.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import pytest
import time_machine
from django.utils.functional import Promise

import channels_adapters
from channels_adapters import registry
from channels_adapters.contract import (
    AccountFacts,
    Adapter,
    Address,
    Door,
    Event,
    Family,
    LiveAdapter,
    RawRequest,
    Unparseable,
    Unsupported,
    Untrusted,
)

FOLDERS = sorted(
    path for root in channels_adapters.__path__ for path in Path(root).iterdir() if (path / "adapter.py").is_file()
)
SCALARS = (str, int, bool, float, type(None))


@dataclass(frozen=True)
class Case:
    folder: Path
    body: Path
    told: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.folder.name}-{self.body.stem}"

    def adapter(self) -> Adapter:
        defaults = read(self.folder / "fixtures" / "settings.json")
        settings = defaults.get("settings", {}) | self.told.get("settings", {})
        account = {"slug": "prova", "name": "Prova"} | defaults.get("account", {}) | self.told.get("account", {})
        kind = registry.get(self.folder.name)
        return kind(kind.Settings(**as_settings(settings)), AccountFacts(**account))

    def request(self) -> RawRequest:
        told = dict(self.told.get("request", {}))
        sender = told.pop("sender", None)
        return RawRequest(body=self.body.read_bytes(), sender=Address(**sender) if sender else None, **told)

    def clock(self) -> AbstractContextManager[Any]:
        now = self.told.get("now")
        return time_machine.travel(datetime.fromisoformat(now), tick=False) if now else nullcontext()


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def as_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def cases(folder: Path) -> Iterator[Case]:
    for body in sorted((folder / "fixtures").glob("*")):
        if body.is_file() and body.suffix != ".json":
            yield Case(folder, body, read(body.with_suffix(".json")))


CASES = [case for folder in FOLDERS for case in cases(folder)]
every_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


# --- the folder ---


def test_there_are_adapters_to_test() -> None:
    assert FOLDERS


@every_folder
def test_folder_gives_the_kind_its_name(folder: Path) -> None:
    assert registry.get(folder.name).kind == folder.name


@every_folder
def test_folder_explains_itself(folder: Path) -> None:
    assert (folder / "README.md").read_text(encoding="utf-8").startswith("# ")


@every_folder
def test_label_is_shown_in_the_reader_s_language(folder: Path) -> None:
    assert isinstance(registry.get(folder.name).label, Promise)


@every_folder
def test_folder_speaks_the_office_s_languages(folder: Path) -> None:
    spoken = {path.parts[-3] for path in (folder / "locale").glob("*/LC_MESSAGES/django.po")}
    assert {"it", "es", "uk"} <= spoken


@every_folder
def test_abilities_make_sense(folder: Path) -> None:
    adapter = registry.get(folder.name)
    assert adapter.abilities.family in get_args(Family)
    assert adapter.abilities.doors <= set(get_args(Door))
    assert adapter.abilities.live == issubclass(adapter, LiveAdapter)
    assert adapter.abilities.max_length > 0


@every_folder
def test_every_setting_can_be_drawn_and_secrets_are_marked(folder: Path) -> None:
    for field in dataclasses.fields(registry.get(folder.name).Settings):
        assert str(field.metadata["label"]).strip(), field.name
        if "password" in field.name or "secret" in field.name or field.name.endswith("token"):
            assert field.metadata["secret"], f"{field.name} would be shown"


@every_folder
def test_every_body_has_its_expectation_and_every_expectation_its_body(folder: Path) -> None:
    files = [path for path in (folder / "fixtures").glob("*") if path.is_file() and path.name != "settings.json"]
    told = sorted(path.stem for path in files if path.suffix == ".json")
    assert told == sorted(path.stem for path in files if path.suffix != ".json")


@every_folder
def test_something_is_refused(folder: Path) -> None:
    if registry.get(folder.name).abilities.live:
        return  # a citizen's page is let in by its session, not by a signature: the door's own tests show that
    assert any(case.told.get("refused") for case in cases(folder))


# --- the cases ---


@every_case
def test_case_becomes_what_it_says(case: Case) -> None:
    adapter, raw = case.adapter(), case.request()
    with case.clock():
        if case.told.get("refused"):
            with pytest.raises(Untrusted):
                adapter.verify(raw)
            return
        adapter.verify(raw)
        if case.told.get("unparseable"):
            assert_refused_in_words(adapter, raw)
            return
        events = adapter.parse(raw)
    assert [type(event).__name__ for event in events] == [told["type"] for told in case.told["events"]]
    for event, told in zip(events, case.told["events"], strict=True):
        assert_holds(plain(event), {name: value for name, value in told.items() if name != "type"})


@every_case
def test_case_is_understood_the_same_way_twice(case: Case) -> None:
    adapter, raw = case.adapter(), case.request()
    assert understood(adapter, raw) == understood(adapter, raw)
    assert adapter.delivery_key(raw) == adapter.delivery_key(raw) != ""


@every_case
def test_nothing_that_breaks_storage_comes_through(case: Case) -> None:
    for text in texts([plain(event) for event in understood(case.adapter(), case.request())]):
        assert "\0" not in text
        text.encode("utf-8")  # a lone surrogate could not be


@every_case
def test_messages_are_complete(case: Case) -> None:
    for event in understood(case.adapter(), case.request()):
        if type(event).__name__ == "InboundMessage":
            message = plain(event)
            assert message["external_id"]
            assert message["sender"]["scheme"]
            assert message["sender"]["value"]
            for file in message["files"]:
                assert file["name"] or file["upload"]
                assert sum(bool(file[source]) for source in ("body", "upload")) <= 1


@every_folder
def test_own_ids_are_the_same_at_every_attempt(folder: Path) -> None:
    adapter = Case(folder, folder, {}).adapter()
    assert adapter.assign_id("a1b2c3") == adapter.assign_id("a1b2c3")
    assert adapter.assign_id("a1b2c3") != adapter.assign_id("d4e5f6") or not adapter.assign_id("a1b2c3")


@every_folder
def test_what_a_channel_can_t_do_it_says(folder: Path) -> None:
    adapter = Case(folder, folder, {}).adapter()
    if "poll" not in adapter.abilities.doors:
        with pytest.raises(Unsupported):
            adapter.poll("")
    if not adapter.abilities.listens:
        with pytest.raises(Unsupported):
            adapter.listen(0)


# --- comparing ---


def assert_refused_in_words(adapter: Adapter, raw: RawRequest) -> None:
    with pytest.raises(Unparseable) as caught:
        adapter.parse(raw)
    sentence = str(caught.value)
    assert sentence.lstrip("“")[:1].isupper() or sentence.startswith("“"), "a sentence begins with a capital"
    assert sentence.endswith("."), "a sentence ends with a full stop"


def understood(adapter: Adapter, raw: RawRequest) -> list[Event]:
    try:
        return adapter.parse(raw)
    except Unparseable:
        return []


def plain(value: Any) -> Any:
    """Events as JSON would have them, so that they compare with what a fixture tells."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value


def assert_holds(found: Any, told: Any, where: str = "event") -> None:
    """Everything told is found; mappings may hold more than is told."""
    if isinstance(told, dict):
        for name, value in told.items():
            assert isinstance(found, dict), f"{where} is {found!r}"
            assert name in found, f"{where} has no {name}"
            assert_holds(found[name], value, f"{where}.{name}")
    elif isinstance(told, list):
        assert isinstance(found, list), f"{where} is {found!r}"
        assert len(found) == len(told), f"{where} is {found!r}"
        for number, (one, other) in enumerate(zip(found, told, strict=True)):
            assert_holds(one, other, f"{where}[{number}]")
    else:
        assert found == told, where


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            if name != "body":  # bytes of a file: anything may be in there
                yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    else:
        assert isinstance(value, SCALARS)
