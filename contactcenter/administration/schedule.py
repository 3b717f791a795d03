"""When periodic work is due. Kept in memory: each sweep finds its own work in the database, no date is missed."""

from celery.beat import Scheduler


class InMemory(Scheduler):
    """Celery's own scheduler would write a file into the current folder."""

    def setup_schedule(self) -> None:
        self.merge_inplace(self.app.conf.beat_schedule or {})
