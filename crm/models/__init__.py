"""Table of contents of what is remembered."""

from crm.models.cases import Case, CaseNumber, CasePause, Problem, Task
from crm.models.citizens import Citizen, ContactPoint, Representation
from crm.models.interactions import Attachment, Interaction, Message
from crm.models.log import AuditEntry, AuditHead, Event
from crm.models.organisation import Office, Topic
from crm.models.people import Grant, User

__all__ = [
    "Attachment", "AuditEntry", "AuditHead", "Case", "CaseNumber", "CasePause", "Citizen", "ContactPoint", "Event", "Grant",
    "Interaction", "Message", "Office", "Problem", "Representation", "Task", "Topic", "User",
]  # fmt: skip
