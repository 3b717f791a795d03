"""Table of contents: every room owns its models."""

from contactcenter.accounts.models import ChannelAccount
from contactcenter.api.models import ApiToken, IdempotentRequest
from contactcenter.demo_street.models import DemoMail
from contactcenter.intake.models import RawDelivery
from contactcenter.intake.visitors.models import VisitorSession
from contactcenter.outbox.models import EarlyUpdate, OutboxItem
from contactcenter.outbox.subscriptions import WebhookDelivery, WebhookSubscription
from contactcenter.queues.models import Presence, Queue, WorkItem

__all__ = [
    "ApiToken",
    "ChannelAccount",
    "DemoMail",
    "EarlyUpdate",
    "IdempotentRequest",
    "OutboxItem",
    "Presence",
    "Queue",
    "RawDelivery",
    "VisitorSession",
    "WebhookDelivery",
    "WebhookSubscription",
    "WorkItem",
]
