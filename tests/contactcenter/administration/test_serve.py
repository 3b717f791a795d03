"""`manage.py serve` as a real process: the one command of embedded mode."""

import json
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.served import Served, free_port, served

SECRETS = {"SECRET_KEY": "k" * 50, "ENCRYPTION_KEY": "e" * 50}


def test_one_command_sets_up_serves_and_stops_when_asked(tmp_path: Path) -> None:
    with served(tmp_path, more={"DEMO": "0"}) as house:
        status, text = house.get("/readyz")
        assert (status, json.loads(text)["ready"]) == (200, True)
        started = time.monotonic()
        assert house.stop() == 0
        assert time.monotonic() - started < 5
    words = "".join(house.output)
    assert f"Sportello runs on {house.url}/" in words
    assert "Sportello has stopped." in words
    assert "Traceback" not in words


def test_ctrl_c_stops_it_without_a_traceback(tmp_path: Path) -> None:
    with served(tmp_path, more={"DEMO": "0"}) as house:
        assert house.stop(signal.SIGINT) == 0
    assert "Traceback" not in "".join(house.output)


def test_background_work_runs_inside_the_one_process(tmp_path: Path) -> None:
    with served(tmp_path, more={"DEMO": "0"}) as house:
        until = time.monotonic() + 20
        while not any("background.ready" in line for line in house.output) and time.monotonic() < until:
            house.get("/healthz")
        assert any("background.ready" in line for line in house.output)


def test_a_taken_port_is_said_in_one_sentence_before_anything_is_touched(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        house = Served(tmp_path, "--set-up", port=port)
        assert house.process.wait(timeout=60) == 1
    house.reader.join()
    assert house.output == [
        f"CommandError: Port {port} is taken by another program. "
        f"Stop it, or choose another port: make run PORT={port + 1}.\n"
    ]
    assert not (tmp_path / "sportello.sqlite3").exists()


@pytest.mark.parametrize("folder", ["a-file", "a-file/below"])
def test_a_data_folder_that_cannot_be_used_is_said_in_one_sentence(tmp_path: Path, folder: str) -> None:
    (tmp_path / "a-file").write_text("in the way")
    house = Served(tmp_path / folder, "--set-up", port=free_port())
    assert house.process.wait(timeout=60) == 1
    house.reader.join()
    assert len(house.output) == 1
    assert house.output[0].startswith(f"The data folder {tmp_path / folder} can't be used")


def test_production_without_its_secrets_does_not_start(tmp_path: Path) -> None:
    house = Served(tmp_path, more={"PRODUCTION": "1"})
    assert house.process.wait(timeout=60) == 1
    house.reader.join()
    words = "".join(house.output)
    assert "SECRET_KEY (signs sessions and links) is missing" in words
    assert "ENCRYPTION_KEY (encrypts the secrets of channel accounts) is missing" in words
    assert "Traceback" not in words


def test_production_without_https_does_not_start(tmp_path: Path) -> None:
    house = Served(tmp_path, more={"PRODUCTION": "1", **SECRETS, "BASE_URL": "http://sportello.example"})
    assert house.process.wait(timeout=60) == 1
    house.reader.join()
    assert "BASE_URL must begin with https://" in "".join(house.output)
