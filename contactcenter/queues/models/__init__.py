"""Queues and rules, the people who serve them, what waits, and what is being offered to whom."""

from contactcenter.queues.models.lines import Queue, RoutingRule
from contactcenter.queues.models.offers import Offer
from contactcenter.queues.models.people import Agent, AgentLanguage, AgentSkill, BreakReason, Presence, Skill
from contactcenter.queues.models.together import Notice, SideMessage, SideReading
from contactcenter.queues.models.work import Companion, WorkItem, WorkItems

__all__ = [
    "Agent",
    "AgentLanguage",
    "AgentSkill",
    "BreakReason",
    "Companion",
    "Notice",
    "Offer",
    "Presence",
    "Queue",
    "RoutingRule",
    "SideMessage",
    "SideReading",
    "Skill",
    "WorkItem",
    "WorkItems",
]
