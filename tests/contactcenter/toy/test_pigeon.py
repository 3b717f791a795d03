"""Zero edits elsewhere: a channel nobody thought of is dropped into a copy of the house, and works from end to end."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PIGEON = Path(__file__).parent / "pigeon"
ROOMS = ("config", "crm", "contactcenter", "channels_adapters", "tests")
FILES = ("manage.py", "pyproject.toml")
NOTE = (PIGEON / "fixtures" / "a_note.note").read_bytes()

OPEN_A_LOFT = """
from contactcenter.accounts import accounts
from contactcenter.queues.models import Queue
from crm.models import Grant, Office, User
town = Office.objects.create(slug="accoglienza", name="Accoglienza")
queue = Queue.objects.create(slug="accoglienza", name="Accoglienza", office=town)
anna = User.objects.create_user("anna", first_name="Anna", last_name="Bianchi")
Grant.objects.create(user=anna, role="agent", office=town)
accounts.create(slug="piccionaia", kind="pigeon", name="Piccionaia", queue=queue, actor=None,
                settings={"loft": LOFT, "secret": "two-wings-and-a-stamp"})
"""

ANNA_ANSWERS = """
import json
from contactcenter.outbox import replies, sweep
from contactcenter.queues import work_items
from contactcenter.queues.models import WorkItem
from crm.models import User
anna = User.objects.get(username="anna")
item = work_items.claim(item=WorkItem.objects.visible_to(anna).get(), actor=anna)
said = item.interaction.messages.get()
answer = replies.reply(interaction=item.interaction, text="Domattina alle sei.", actor=anna)
sweep.sweep()
answer.refresh_from_db()
print(json.dumps({"said": said.text, "by": said.author_name, "state": answer.state}))
"""


@dataclass(frozen=True)
class House:
    """A copy of the house with one folder more."""

    root: Path
    loft: Path

    def manage(self, *words: str, given: bytes = b"") -> str:
        return self.run(sys.executable, "manage.py", *words, given=given)

    def run(self, *command: str, given: bytes = b"") -> str:
        kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        environment = {**kept, "DATA_DIR": str(self.root / "data"), "LANGUAGE_CODE": "en", "PYTHONPATH": ""}
        done = subprocess.run(
            command, cwd=self.root, env=environment, input=given, capture_output=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
        return done.stdout.decode()

    def shell(self, program: str) -> str:
        return self.manage("shell", "--no-imports", "-c", f"LOFT = {str(self.loft)!r}\n{program}")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    root, loft = tmp_path_factory.mktemp("house"), tmp_path_factory.mktemp("loft")
    leave_out = shutil.ignore_patterns("__pycache__", ".*_cache", "toy")
    for room in ROOMS:
        shutil.copytree(ROOT / room, root / room, ignore=leave_out)
    for file in FILES:
        shutil.copy2(ROOT / file, root / file)
    shutil.copytree(PIGEON, root / "channels_adapters" / "pigeon", ignore=leave_out)
    copy = House(root, loft)
    copy.manage("migrate", "--verbosity", "0")
    return copy


def test_a_note_comes_in_and_the_answer_flies_out(house: House) -> None:
    house.shell(OPEN_A_LOFT)

    arrived = json.loads(house.manage("receive", "piccionaia", given=NOTE))
    assert [outcome["outcome"] for outcome in arrived["outcomes"]] == ["Recorded"]

    told = json.loads(house.shell(ANNA_ANSWERS).splitlines()[-1])
    assert told == {"said": "Quando passa lo spazzaneve?", "by": "Giulia Ferri", "state": "sent"}

    flown = [json.loads(line) for line in (house.loft / "flown.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(bird["to"], bird["note"]) for bird in flown] == [("Ca' Bianca", "Domattina alle sei.")]


def test_the_house_s_own_tests_take_the_new_channel_for_one_of_theirs(house: House) -> None:
    result = house.run(
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "pigeon or architecture",
        "tests/test_architecture.py", "tests/channels_adapters/test_contract.py",
    )  # fmt: skip
    assert "passed" in result
    assert "deselected" in result  # the other channels' cases need not run again here
