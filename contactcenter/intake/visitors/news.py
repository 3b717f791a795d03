"""What a page must be told to show the truth: the difference between what it was told and what the database says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from channels_adapters.contract import AgentHas, AgentSeen, Gap, Notice, Place, StateChanged
from contactcenter.intake.visitors import conversation
from contactcenter.intake.visitors.models import VisitorSession
from contactcenter.intake.visitors.sessions import NoSession
from crm.prepared import Prepared

SOMEBODY = 2_147_000_053  # stands for a session in the prepared statement


@dataclass(frozen=True)
class Told:
    """What one page knows. `seq` counts every message of the conversation, also those it may not see."""

    conversation: str = ""
    seq: int = 0
    state: str = "new"
    may_resume: bool = False
    agent: str = ""
    agent_has: int = 0
    agent_read: int = 0
    place: Place | None = None


def _told(now: conversation.Situation) -> Told:
    return Told(
        conversation=now.conversation, seq=now.last_seq, state=now.state, may_resume=now.may_resume, agent=now.agent,
        agent_has=now.agent_has, agent_read=now.agent_read, place=now.place,
    )  # fmt: skip


def resumed(session: VisitorSession, *, last_seq: int = 0, of: str = "") -> tuple[Told, list[Notice]]:
    """Welcome a page that has everything up to `last_seq` of the conversation `of` ("" = whichever there is)."""
    _refresh(session)
    now = conversation.situation(session)
    after = last_seq if of in {"", now.conversation} else 0
    notices: list[Notice] = [conversation.welcome(session, now)]
    gap = conversation.missed(now, after)
    if gap:
        notices.append(Gap(*gap))
        after = gap[1]
    return _told(now), [*notices, *conversation.said(session, now, after=after)]


def since(session: VisitorSession, told: Told) -> tuple[Told, list[Notice]]:
    """What changed for a page since it was told `told`. Nothing new costs three short queries."""
    _refresh(session)
    now = conversation.situation(session)
    if now.conversation != told.conversation:
        return resumed(session)
    notices: list[Notice] = []
    if (now.state, now.agent, now.may_resume) != (told.state, told.agent, told.may_resume):
        notices.append(StateChanged(now.state, now.agent, now.may_resume))
    if now.place and now.place != told.place:
        notices.append(now.place)
    if now.last_seq > told.seq:
        notices += conversation.said(session, now, after=told.seq)
    if now.agent_has > max(told.agent_has, now.agent_read):  # what was read has arrived, too
        notices.append(AgentHas(now.agent_has))
    if now.agent_read > told.agent_read:
        notices.append(AgentSeen(now.agent_read))
    return _told(now), notices


def _refresh(session: VisitorSession) -> None:
    """Another tab may have ended the conversation. Raises `NoSession` when the session was revoked, the chat closed."""
    found = _ended().rows(session.pk)
    if not found:
        raise NoSession
    session.ended_at = found[0][0]


@cache
def _ended() -> Prepared:
    """When one visitor ended their conversation, while the session is good for anything."""
    rows = VisitorSession.objects.filter(pk=SOMEBODY, revoked_at=None, account__enabled=True)
    return Prepared(rows.values_list("ended_at").order_by(), SOMEBODY)
