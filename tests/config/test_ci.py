""".ci/run calls the four commands, prints each result, and ends with a count."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
GREEN = {
    "test": "@echo '======== 250 passed, 3 warnings in 31.20s ========'",
    "check": "@echo '19 passed in 1.13s'",
    "test-services": "@echo '======== 250 passed in 61.00s (0:01:01) ========'",
    "test-browser": "@echo '======== 8 passed in 9.10s ========'",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci")
    return tmp_path


def ci(checkout: Path, recipes: dict[str, str]) -> tuple[int, list[str]]:
    rules = "\n".join(f"{target}:\n\t{recipe}" for target, recipe in recipes.items())
    (checkout / "Makefile").write_text(f".PHONY: {' '.join(recipes)}\n{rules}\n")
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin", "CHROMIUM": "/bin/true"}
    # Nobody to install anything in a test: every tool it looks for is named as present, or only said to be missing.
    (checkout / "bin").mkdir(exist_ok=True)
    dovecot = checkout / "bin" / "dovecot"
    dovecot.write_text("")
    dovecot.chmod(0o755)
    environment["PATH"] = f"{checkout / 'bin'}:{environment['PATH']}"
    done = subprocess.run(
        [str(checkout / ".ci" / "run")], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout.splitlines()


def test_all_green_is_zero_and_summed_up(checkout: Path) -> None:
    code, lines = ci(checkout, GREEN)
    assert code == 0
    assert lines[-1] == "527 passed, 0 failed"
    assert [line.split(":")[0] for line in lines if ": passed after" in line] == [
        "=== make test", "=== make check", "=== make test-services", "=== make test-browser",
    ]  # fmt: skip


def test_one_red_step_stops_no_other_and_is_named(checkout: Path) -> None:
    red = GREEN | {"test": "@echo '=== 2 failed, 248 passed, 1 error in 30.00s ==='; exit 1"}
    code, lines = ci(checkout, red)
    assert code != 0
    assert "Failed: test" in lines
    assert lines[-1] == "525 passed, 3 failed"


def test_a_step_that_breaks_before_it_counts_is_a_failure(checkout: Path) -> None:
    code, lines = ci(checkout, GREEN | {"check": "@echo 'E501 Line too long'; exit 1"})
    assert code != 0
    assert lines[-1] == "508 passed, 1 failed"
