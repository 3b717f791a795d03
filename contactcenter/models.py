"""Table of contents: every room owns its models."""

from contactcenter.accounts.models import ChannelAccount
from contactcenter.api.models import ApiToken, IdempotentRequest
from contactcenter.calls.models import Callback
from contactcenter.demo_street.models import DemoMail
from contactcenter.desk.models import Preferences, SavedView
from contactcenter.intake.models import RawDelivery
from contactcenter.intake.visitors.models import VisitorSession
from contactcenter.outbox.models import EarlyUpdate, OutboxItem
from contactcenter.outbox.subscriptions import WebhookDelivery, WebhookSubscription
from contactcenter.push.models import PushSubscription
from contactcenter.queues.models import (
    Agent,
    AgentLanguage,
    AgentSkill,
    BreakReason,
    Companion,
    Notice,
    Offer,
    Presence,
    Queue,
    RoutingRule,
    SideMessage,
    SideReading,
    Skill,
    WorkItem,
)
from contactcenter.sla.models import OfficeCalendar
from contactcenter.writing.models import CannedAnswer, Draft, Macro

__all__ = [
    "Agent",
    "AgentLanguage",
    "AgentSkill",
    "ApiToken",
    "BreakReason",
    "Callback",
    "CannedAnswer",
    "ChannelAccount",
    "Companion",
    "DemoMail",
    "Draft",
    "EarlyUpdate",
    "IdempotentRequest",
    "Macro",
    "Notice",
    "Offer",
    "OfficeCalendar",
    "OutboxItem",
    "Preferences",
    "Presence",
    "PushSubscription",
    "Queue",
    "RawDelivery",
    "RoutingRule",
    "SavedView",
    "SideMessage",
    "SideReading",
    "Skill",
    "VisitorSession",
    "WebhookDelivery",
    "WebhookSubscription",
    "WorkItem",
]
