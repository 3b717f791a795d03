"""The rows of the week, gathered in memory and written table by table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Model

from contactcenter.outbox.models import OutboxItem
from contactcenter.queues.models import WorkItem
from crm import audit, events, messages
from crm.models import AuditEntry, Case, Event, Interaction, Message, Task, User

BATCH = 400


@dataclass
class Rows:
    """Everything that was written, in the order in which the tables need one another."""

    cases: list[Case] = field(default_factory=list)
    interactions: list[Interaction] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    outbox: list[OutboxItem] = field(default_factory=list)
    work_items: list[WorkItem] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)

    def save(self) -> None:
        """The log is written in the order of time, as it would have grown."""
        self.events.sort(key=lambda event: event.at)
        self.audit.sort(key=lambda entry: entry.at)
        tables: tuple[Sequence[Model], ...] = (
            self.cases, self.interactions, self.messages, self.outbox, self.work_items, self.tasks,
            self.events, self.audit,
        )  # fmt: skip
        for rows in filter(None, tables):
            type(rows[0])._default_manager.bulk_create(rows, batch_size=BATCH)


class Pen:
    """Writes into `rows` what belongs to one interaction, as `crm`'s verbs would, at a given instant."""

    def __init__(self, interaction: Interaction, case: Case | None, rows: Rows) -> None:
        self.interaction, self.case, self.rows = interaction, case, rows

    def say(self, direction: str, state: str, at: datetime, text: str, **fields: Any) -> Message:
        """The next message, and what the interaction shows of it (compare `crm.messages.append`)."""
        interaction = self.interaction
        interaction.last_seq += 1
        interaction.version += 1
        if not fields.get("automatic"):
            interaction.words_version = interaction.version
        interaction.last_message_at = at
        if direction != Message.Direction.NOTE and not fields.get("automatic"):
            interaction.preview = messages.preview(text)
            first_unanswered = interaction.awaiting_reply_since or at
            interaction.awaiting_reply_since = first_unanswered if direction == Message.Direction.IN else None
        message = Message(
            interaction=interaction, seq=interaction.last_seq, direction=direction, account=interaction.account,
            state=state, created_at=at, text=text, **fields,
        )  # fmt: skip
        self.rows.messages.append(message)
        return message

    def fact(self, name: str, at: datetime, actor: User | None = None, **data: object) -> None:
        case = self.case if self.interaction.case is not None else None
        self.rows.events.append(
            events.fact(name, interaction=self.interaction, case=case, actor=actor, at=at, data=data)
        )

    def case_fact(self, name: str, at: datetime, actor: User | None = None, **data: object) -> None:
        self.rows.events.append(events.fact(name, case=self.case, actor=actor, at=at, data=data))

    def look_back(
        self,
        action: str,
        at: datetime,
        *,
        actor: User | None = None,
        label: str = "",
        subject: str = "",
        **data: object,
    ) -> None:
        """An audit entry; about the interaction where no other subject is named."""
        citizen = self.interaction.citizen
        entry = audit.entry(
            action, subject=subject or f"interaction:{self.interaction.public_id}", actor=actor, actor_label=label,
            citizen=citizen.public_id if citizen else None, data=data,
        )  # fmt: skip
        entry.at = at
        self.rows.audit.append(entry)
