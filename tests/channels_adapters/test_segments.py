"""Short messages are counted as the standard cuts them, in Python and on the page."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from channels_adapters.contract.segments import BASIC, EXTENDED, Counted, count

PAGE = Path(__file__).resolve().parents[2] / "contactcenter/desk/static/desk/segments.js"
VALUES = [
    ("", "GSM-7", 0, 0, 160),
    ("a" * 160, "GSM-7", 160, 1, 0),
    ("a" * 161, "GSM-7", 161, 2, 145),
    ("a" * 306, "GSM-7", 306, 2, 0),
    ("a" * 307, "GSM-7", 307, 3, 152),
    ("Perché no? È già così: 22,21 €", "UCS-2", 30, 1, 40),  # È is not in the alphabet, É is
    ("É già così: 22,21 €", "GSM-7", 20, 1, 140),
    ("€" * 80, "GSM-7", 160, 1, 0),
    ("€" * 81, "GSM-7", 162, 2, 143),
    ("a" * 152 + "€" + "a" * 7, "GSM-7", 161, 2, 144),  # the pair doesn't fit and goes to the next, whole
    ("Добрий день", "UCS-2", 11, 1, 59),
    ("ї" * 70, "UCS-2", 70, 1, 0),
    ("ї" * 71, "UCS-2", 71, 2, 63),
    ("ї" * 66 + "😀" + "їїї", "UCS-2", 71, 2, 62),
    ("’", "UCS-2", 1, 1, 69),
    ("a\nb", "GSM-7", 3, 1, 157),
]


@pytest.mark.parametrize("text, alphabet, length, segments, left", VALUES)
def test_a_text_becomes_so_many(text: str, alphabet: str, length: int, segments: int, left: int) -> None:
    found = count(text)
    assert (found.alphabet, found.length, found.segments, found.left) == (alphabet, length, segments, left)


def test_the_alphabet_has_its_128_places_less_the_escape() -> None:
    assert len(set(BASIC)) == len(BASIC) == 127
    assert len(set(EXTENDED)) == len(EXTENDED) == 10


def test_the_page_counts_with_the_same_alphabet_and_limits() -> None:
    script = PAGE.read_text(encoding="utf-8")
    lines = [json.dumps(part, ensure_ascii=False)[1:-1] for part in (BASIC[:63], BASIC[63:], EXTENDED)]
    assert all(line in script for line in lines)
    assert '{ "GSM-7": 160, "UCS-2": 70 }' in script
    assert '{ "GSM-7": 153, "UCS-2": 67 }' in script


def test_the_page_counts_the_same() -> None:
    node = shutil.which("node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert node, "This runs a script of ours and needs Node: `make dev` brings it."
    texts = json.dumps([value[0] for value in VALUES])
    program = f"import({json.dumps(PAGE.as_uri())}).then((m) => console.log(JSON.stringify({texts}.map(m.count))))"
    said = subprocess.run([node, "-e", program], capture_output=True, text=True, check=True, timeout=60).stdout
    assert [Counted(**one) for one in json.loads(said)] == [count(value[0]) for value in VALUES]
