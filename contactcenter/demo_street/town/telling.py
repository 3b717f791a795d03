"""One conversation as rows: what the real verbs would have written, at the instants of its plan.

`tests/contactcenter/demo_street/test_week.py` holds the facts told here against those of the real verbs.
"""

import uuid
from datetime import datetime, timedelta

from babel.dates import format_date
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.demo_street.town.people import DOMAIN, token
from contactcenter.demo_street.town.plans import Plan
from contactcenter.demo_street.town.rows import Pen, Rows
from contactcenter.outbox.models import OutboxItem
from contactcenter.queues import roster
from contactcenter.queues.models import WorkItem
from crm.models import Case, ContactPoint, Interaction, Message, Task, User

SECOND = timedelta(seconds=1)
Direction, State = Message.Direction, Message.State


class Telling:
    """Tells one plan into `rows`. `case` has its number already; None where there is none."""

    def __init__(self, plan: Plan, point: ContactPoint, case: Case | None, rows: Rows) -> None:
        self.plan, self.point, self.case, self.rows = plan, point, case, rows
        self.interaction = _interaction(plan, point)
        self.pen = Pen(self.interaction, case, rows)
        self.item = _work_item(plan, self.interaction)
        rows.interactions.append(self.interaction)
        rows.work_items.append(self.item)

    def tell(self) -> None:
        turns = list(zip(self.plan.times, self.plan.exchange.turns, strict=True))
        self._arrive(turns[0][0], turns[0][1].text)
        to_claim = self.plan.claimed_at
        for number, (at, turn) in enumerate(turns[1:], start=1):
            if to_claim and at >= to_claim:
                self._claim(to_claim)
                to_claim = None
            self._turn(turn.who, at, self._filled(turn.text), number)
        if to_claim:
            self._claim(to_claim)
        if self.plan.ended_at:
            self._finish(self.plan.ended_at)

    def _turn(self, who: str, at: datetime, text: str, number: int) -> None:
        if who == "in":
            self._receive(at, text, number)
        elif who == "note":
            self._note(at, text)
        else:
            self._open_case_by_hand(at)
            self._reply(at, text)

    def _filled(self, text: str) -> str:
        person, agent = self.plan.person, self.plan.agent
        marks = {
            "nome": person.first_name, "cognome": person.last_name, "via": person.street,
            "operatore": agent.first_name if agent else "", "numero": self.case.number if self.case else "",
        }  # fmt: skip
        for mark, value in marks.items():
            text = text.replace(f"{{{mark}}}", value)
        return text

    # --- the citizen's side ---

    def _arrive(self, at: datetime, text: str) -> None:
        if self.case and self.plan.account.opens_case:
            self.interaction.case = self.case
            self.case.subject = self.interaction.subject
            self.pen.case_fact("case.opened", at)
            self.pen.look_back("case.opened", at, subject=f"case:{self.case.public_id}")
        self.pen.fact("interaction.opened", at)
        self._receive(at, self._filled(text), 0)
        self.pen.fact("interaction.queued", at, priority=self.item.priority)
        if self.plan.account.acknowledgements and self.case:
            self._acknowledge(self.case, at)

    def _receive(self, at: datetime, text: str, number: int) -> None:
        live = bool(self.interaction.thread)
        key = token(f"{self.plan.key} {number}", 22)
        message = self.pen.say(
            Direction.IN, State.RECEIVED, at, text, external_id=self._external_id(key), sender=self.point,
            author_name=self.plan.person.name, client_id=key if live else "", sent_at=at,
            subject=self.plan.exchange.subject,
        )  # fmt: skip
        self.pen.fact("message.received", at, seq=message.seq)
        self.pen.look_back("message.received", at, label=f"channel:{self.plan.account.slug}")

    def _external_id(self, key: str) -> str:
        if self.interaction.thread:
            return f"{self.point.value}:{key}"
        return f"<{key}@{DOMAIN}>" if self.point.scheme == "mailto" else key

    # --- our side ---

    def _acknowledge(self, case: Case, at: datetime) -> None:
        texts = self.plan.account.acknowledgements
        text = texts.get(self.plan.exchange.language) or texts[self.plan.account.language]
        date = format_date(timezone.localtime(at), format="long", locale=self.plan.exchange.language)
        case.acknowledged_at = at
        self._send(at, text.replace("{number}", case.number).replace("{date}", date), None, automatic="acknowledgement")

    def _claim(self, at: datetime) -> None:
        self.item.state, self.item.owner, self.item.claimed_at = WorkItem.State.CLAIMED, self.plan.agent, at
        self.interaction.version += 1
        wait = int((at - self.item.queued_at).total_seconds())
        self.pen.fact("item.claimed", at, self.plan.agent, wait=wait)
        for action in ("item.claimed", "interaction.read"):
            self.pen.look_back(action, at, actor=self.plan.agent)

    def _reply(self, at: datetime, text: str) -> None:
        self.interaction.agent_read_seq = self.interaction.last_seq
        message = self._send(at, text, self.plan.agent)
        self.pen.look_back("interaction.replied", at, actor=self.plan.agent, seq=message.seq)
        if self.interaction.thread:
            self._reached(message, at)

    def _send(self, at: datetime, text: str, author: User | None, automatic: str = "") -> Message:
        account = self.plan.account
        item = OutboxItem(
            account=account, created_at=at, next_attempt_at=at, state=OutboxItem.State.DONE, lease=uuid.uuid4(),
            done_at=at + SECOND,
        )  # fmt: skip
        item.message = self.pen.say(
            Direction.OUT, State.SENT, at, text, author=author, automatic=automatic, sent_at=at + SECOND,
            author_name=author.display_name if author else account.name,
            external_id=account.adapter.assign_id(str(item.key)),
        )  # fmt: skip
        self.rows.outbox.append(item)
        self._left(item.message, "message.acknowledged" if automatic else "message.queued", at)
        return item.message

    def _left(self, message: Message, name: str, at: datetime) -> None:
        self.pen.fact(name, at, message.author, seq=message.seq)
        for state in (State.SENDING, State.SENT):
            self.interaction.version += 1
            self.pen.fact(f"message.{state}", at + SECOND, seq=message.seq)

    def _reached(self, message: Message, at: datetime) -> None:
        """The citizen's page has it and showed it."""
        for seconds, state, column in ((2, State.DELIVERED, "delivered_seq"), (4, State.READ, "read_seq")):
            message.state = state
            setattr(self.interaction, column, message.seq)
            self.interaction.version += 1
            self.pen.fact(f"message.{state}", at + seconds * SECOND, seq=message.seq)

    def _note(self, at: datetime, text: str) -> None:
        agent = self.plan.agent
        name = agent.display_name if agent else ""
        note = self.pen.say(Direction.NOTE, State.RECEIVED, at, text, author=agent, author_name=name)
        self.pen.fact("note.written", at, agent, seq=note.seq)
        self.pen.look_back("note.written", at, actor=agent)

    # --- case and end ---

    def _open_case_by_hand(self, at: datetime) -> None:
        """In a chat the agent opens the case, before naming its number."""
        if self.case is None or self.interaction.case is not None or at < self.case.opened_at:
            return
        agent, subject = self.plan.agent, f"case:{self.case.public_id}"
        self.case.owner, self.case.subject = agent, self.interaction.preview
        self.pen.case_fact("case.opened", at, agent)
        self.pen.look_back("case.opened", at, actor=agent, subject=subject)
        self.interaction.case = self.case
        self.interaction.version += 1
        self.pen.fact("case.linked", at, agent)
        self.pen.look_back("case.linked", at, actor=agent, subject=subject, interaction=str(self.interaction.public_id))

    def _finish(self, at: datetime) -> None:
        self._open_case_by_hand(at)
        if self.case is not None:
            self._hand_on(self.case, at)
            self._settle(self.case, at)
        outcome, interaction, agent = self.plan.exchange.outcome, self.interaction, self.plan.agent
        interaction.status, interaction.closed_at = Interaction.Status.CLOSED, at
        interaction.awaiting_reply_since = None
        interaction.version += 2
        self.item.state, self.item.ended_at, self.item.outcome = WorkItem.State.DONE, at, outcome
        self.pen.fact("interaction.closed", at, agent, reason=outcome)
        self.pen.look_back("interaction.closed", at, actor=agent)
        self.pen.fact("item.done", at, agent)
        self.pen.look_back("item.done", at, actor=agent)

    def _hand_on(self, case: Case, at: datetime) -> None:
        """What the back office has to do."""
        title, agent = self.plan.exchange.task, self.plan.agent
        if not title:
            return
        task = Task(case=case, title=title, office=self.plan.queue.office, created_at=at)
        self.rows.tasks.append(task)
        self.pen.case_fact("task.created", at, agent, task=str(task.public_id))
        self.pen.look_back("task.created", at, actor=agent, subject=f"task:{task.public_id}")

    def _settle(self, case: Case, at: datetime) -> None:
        """What became of the case."""
        status, agent = self.plan.exchange.case, self.plan.agent
        if status in ("", Case.Status.OPEN):
            return
        case.status, case.version = status, case.version + 1
        case.closed_at = at if status == Case.Status.CLOSED else None
        self.pen.case_fact(f"case.{status}", at, agent, **{"from": Case.Status.OPEN.value})
        self.pen.look_back(f"case.{status}", at, actor=agent, subject=f"case:{case.public_id}")


def _interaction(plan: Plan, point: ContactPoint) -> Interaction:
    abilities = plan.account.adapter_class.abilities
    return Interaction(
        account=plan.account.slug, family=abilities.family, thread=point.value if abilities.live else "",
        contact_point=point, citizen=point.citizen, office=plan.queue.office, queue=plan.queue.slug,
        topic=plan.topic, language=plan.exchange.language, subject=plan.exchange.subject, opened_at=plan.opened_at,
    )  # fmt: skip


def _work_item(plan: Plan, interaction: Interaction) -> WorkItem:
    if plan.queue != plan.account.queue:
        why = _("The topic belongs to the queue %(queue)s.") % {"queue": plan.queue.name}
    else:
        why = _("This channel leads to the queue %(queue)s.") % {"queue": plan.queue.name}
    spoken = plan.exchange.language in roster.languages_of(plan.queue)
    return WorkItem(
        interaction=interaction, queue=plan.queue, family=interaction.family, priority=plan.queue.priority,
        language=plan.exchange.language if spoken else "", entered_at=plan.opened_at,
        queued_at=plan.opened_at, rank_at=plan.queue.rank(plan.queue.priority, plan.opened_at), why=why[:200],
    )  # fmt: skip
