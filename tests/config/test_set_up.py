"""deploy/set_up.sh on machines that lack something. The Pythons it meets here are made of paper."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
TOOLS = ("cat", "cksum", "dirname", "grep", "sh", "sleep", "tail")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh checkout on a machine that has hardly anything."""
    (tmp_path / "deploy").mkdir()
    shutil.copy(ROOT / "deploy" / "set_up.sh", tmp_path / "deploy")
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-node.txt", "package-lock.json"):
        (tmp_path / name).write_text("")
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in TOOLS:
        (tools / tool).symlink_to(str(shutil.which(tool)))
    return tmp_path


def program(checkout: Path, name: str, script: str) -> None:
    path = checkout / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def set_up(checkout: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [str(checkout / "deploy" / "set_up.sh"), *arguments],
        env={"PATH": str(checkout / "bin"), "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


PRETENDS_TO_WORK = """
case "$*" in
  "-m venv"*) mkdir -p .venv/bin; cp "$0" .venv/bin/python;;
  *"pip install"*) echo "$*" >> pip.log;;
esac
"""


def working_python(checkout: Path) -> None:
    for tool in ("mkdir", "cp"):
        (checkout / "bin" / tool).symlink_to(str(shutil.which(tool)))
    program(checkout, "python3", PRETENDS_TO_WORK)


def test_no_python_at_all_is_one_sentence(checkout: Path) -> None:
    code, words = set_up(checkout)
    assert code == 1
    assert words == "Sportello needs Python 3.11 or newer, and no python3 was found here. Install it and start again.\n"


def test_an_old_python_is_one_sentence_with_the_way_out(checkout: Path) -> None:
    program(checkout, "python3", "exit 1")
    code, words = set_up(checkout)
    assert code == 1
    assert words.startswith("Sportello needs Python 3.11 or newer; found only older ones here: python3.")
    assert "make run PYTHON=" in words


def test_a_name_that_starts_nothing_is_passed_over(checkout: Path) -> None:
    program(checkout, "python3.13", "exit 127")
    _, words = set_up(checkout)
    assert "no python3 was found here" in words


def test_a_python_without_venv_names_the_package_to_install(checkout: Path) -> None:
    program(checkout, "python3", 'case "$*" in *ensurepip*) exit 1;; *print*) echo 3.12;; esac')
    code, words = set_up(checkout)
    assert code == 1
    assert "apt install python3.12-venv" in words


def test_packages_that_cannot_be_fetched_end_it_with_a_sentence(checkout: Path) -> None:
    working_python(checkout)
    program(checkout, "npm", "exit 0")
    program(checkout, "python3", PRETENDS_TO_WORK.replace('echo "$*" >> pip.log', "exit 1"))
    code, words = set_up(checkout)
    assert code == 1
    assert "Installing the packages of requirements.txt failed" in words


def test_a_machine_without_npm_gets_one_by_pip(checkout: Path) -> None:
    working_python(checkout)
    _, words = set_up(checkout)
    assert "There is no npm on this machine" in words
    assert "--require-hashes -r requirements-node.txt" in (checkout / "pip.log").read_text()


def test_everything_is_done_once_and_again_when_a_lock_file_changed(checkout: Path) -> None:
    working_python(checkout)
    program(checkout, "npm", "mkdir -p node_modules; echo npm >> pip.log")
    assert set_up(checkout)[0] == 0
    first = (checkout / "pip.log").read_text()
    assert first.count("\n") == 2  # the packages, the browser parts
    assert set_up(checkout) == (0, "")
    assert (checkout / "pip.log").read_text() == first
    (checkout / "requirements.txt").write_text("another==1\n")
    assert set_up(checkout)[0] == 0
    assert (checkout / "pip.log").read_text().count("\n") == 3


def test_developers_get_their_tools_besides(checkout: Path) -> None:
    working_python(checkout)
    program(checkout, "npm", "mkdir -p node_modules")
    set_up(checkout, "dev")
    assert "-r requirements-dev.txt" in (checkout / "pip.log").read_text()
