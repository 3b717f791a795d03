"""Many people at one queue, each a process with its own connection, forked from one that has loaded the product."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from tests.crash.house import PYTHON, ROOT, House

WRITTEN_DOWN = 6000  # characters of their last words
GLANCE = 0.02  # seconds between two looks, unless they leave before
LEAVES_WITHIN = 120.0  # seconds, for a process that has nothing left to do


class Crowd:
    """`do` waits for one of `tests.crash.members` and gives its answer; `start` leaves it at work and gives its pid."""

    def __init__(self, house: House, folder: Path) -> None:
        self.environment = {**house.environment, "LOG_LEVEL": "WARNING", "DATABASE_POOL": "0"}
        self.log = folder / "crowd.log"
        self.ended: dict[int, int] = {}  # exit codes by pid, once all have gone

    def __enter__(self) -> Self:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [PYTHON, "-m", "tests.crash.members"], cwd=ROOT, env=self.environment, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True,
            )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, trouble: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # all of them went home
        self.process.communicate()

    def do(self, role: str, *words: Any) -> Any:
        return self._order("do", role, *words)

    def start(self, role: str, *words: Any) -> int:
        return int(self._order("start", role, *words))

    def _order(self, *words: Any) -> Any:
        self._say(*words)
        return self._answer(words[1])

    def _say(self, *words: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()

    def _answer(self, who: str) -> Any:
        answer = self._answers.readline()
        assert answer, f"{who} failed\n{self.last_words()}"
        return json.loads(answer)

    @property
    def _answers(self) -> IO[str]:
        assert self.process.stdout is not None
        return self.process.stdout

    def expect_no_more(self) -> None:
        """Whoever is there goes on until nothing is left to do; `at_work` until then, and `go_home` after it."""
        self._say("wait")

    @property
    def at_work(self) -> bool:
        return not select.select([self._answers], [], [], GLANCE)[0]

    def go_home(self) -> None:
        """Wait for all that were started; `ended` says how they ended."""
        assert select.select([self._answers], [], [], LEAVES_WITHIN)[0], f"they still work\n{self.last_words()}"
        self.ended = {int(pid): code for pid, code in self._answer("the crowd").items()}

    def assert_all_well(self, *, but: dict[int, int] | None = None) -> None:
        """Everybody ended of their own accord and without trouble; `but`: those of whom another end was wanted."""
        wanted = dict.fromkeys(self.ended, 0) | (but or {})
        assert self.ended == wanted, self.last_words()
        assert "sweep_failed" not in self.log.read_text(errors="replace"), self.last_words()

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-WRITTEN_DOWN:]
