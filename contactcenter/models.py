"""Table of contents: every room owns its models."""

from contactcenter.accounts.models import ChannelAccount
from contactcenter.api.models import ApiToken, IdempotentRequest
from contactcenter.demo_street.models import DemoMail
from contactcenter.desk.models import Preferences, SavedView
from contactcenter.intake.models import RawDelivery
from contactcenter.intake.visitors.models import VisitorSession
from contactcenter.outbox.models import EarlyUpdate, OutboxItem
from contactcenter.outbox.subscriptions import WebhookDelivery, WebhookSubscription
from contactcenter.queues.models import (
    Agent,
    AgentLanguage,
    AgentSkill,
    Companion,
    Offer,
    Presence,
    Queue,
    RoutingRule,
    Skill,
    WorkItem,
)
from contactcenter.sla.models import OfficeCalendar
from contactcenter.writing.models import Draft

__all__ = [
    "Agent",
    "AgentLanguage",
    "AgentSkill",
    "ApiToken",
    "ChannelAccount",
    "Companion",
    "DemoMail",
    "Draft",
    "EarlyUpdate",
    "IdempotentRequest",
    "Offer",
    "OfficeCalendar",
    "OutboxItem",
    "Preferences",
    "Presence",
    "Queue",
    "RawDelivery",
    "RoutingRule",
    "SavedView",
    "Skill",
    "VisitorSession",
    "WebhookDelivery",
    "WebhookSubscription",
    "WorkItem",
]
