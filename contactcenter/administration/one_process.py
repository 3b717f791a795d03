"""Embedded mode: worker, scheduler and listener as threads beside the web server, in the one process.

The in-memory broker forgets everything when the process dies. That is allowed: it only carries hints.
"""

import threading
from collections.abc import Callable
from typing import Any

import structlog
from celery import current_app
from celery.beat import EmbeddedService
from celery.worker import WorkController

from contactcenter.administration import listening

WORKER_THREADS = 8  # some of them wait for slow mail servers
BEAT_SCHEDULER = "contactcenter.administration.schedule:InMemory"
log = structlog.get_logger(__name__)


class Background:
    """`start` returns at once; `stop` waits at most a second for what is being worked on.

    `on_failure` is called, from a thread, when a part breaks off: a house without its sweepers must not look healthy.
    """

    def __init__(self, on_failure: Callable[[], None]) -> None:
        self.on_failure = on_failure
        self.failed = False
        self.stopping = threading.Event()
        self.ready = threading.Event()
        self.worker: Any = None
        self.beat: Any = None

    def start(self) -> None:
        for work in (self._work, self._listen):
            threading.Thread(target=self._guarded, args=(work,), name=work.__name__.strip("_"), daemon=True).start()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # whatever it was, the house closes in order
            if not self.stopping.is_set():
                self.failed = True
                log.error("background.broke_off", part=work.__name__.strip("_"), exc_info=error)
                self.on_failure()

    def _work(self) -> None:
        self.worker = WorkController(
            app=current_app,
            pool_cls="threads",
            concurrency=WORKER_THREADS,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            ready_callback=self._worker_is_ready,
        )
        self.worker.start()

    def _worker_is_ready(self, consumer: Any) -> None:
        # Beat only now: what it sends before anybody consumes would expire unseen.
        self.beat = EmbeddedService(current_app._get_current_object(), thread=True, scheduler_cls=BEAT_SCHEDULER)
        self.beat.start()
        self.ready.set()
        log.info("background.ready", threads=WORKER_THREADS)

    def _listen(self) -> None:
        listening.listen(self.stopping)

    def stop(self) -> None:
        self.stopping.set()
        if self.beat is not None:
            self.beat.service.stop()
        if self.worker is not None:
            # The pool is waited for in a thread of its own: a task that hangs must not keep the house open.
            closing = threading.Thread(target=self.worker.stop, daemon=True)
            closing.start()
            closing.join(timeout=1)
