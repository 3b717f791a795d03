"""Offices, topics, the people who work there and what they may do."""

from crm import audit
from crm.access import require
from crm.models import Grant, Office, Topic, User


def open_office(*, slug: str, name: str, actor: User | None) -> Office:
    """`actor=None`: the command line of the installation. Raises `Forbidden`, `IntegrityError` for a slug in use."""
    _allowed(actor)
    office = Office.objects.create(slug=slug, name=name)
    audit.record("office.opened", subject=f"office:{slug}", actor=actor)
    return office


def add_topic(
    *,
    slug: str,
    name: str,
    office: Office,
    actor: User | None,
    legal_days: int | None = None,
    norm_days: int | None = None,
) -> Topic:
    """Terms in whole days; None = the law sets none. Raises `Forbidden`, `IntegrityError`."""
    _allowed(actor)
    topic = Topic.objects.create(slug=slug, name=name, office=office, legal_days=legal_days, norm_days=norm_days)
    audit.record("topic.added", subject=f"topic:{slug}", actor=actor)
    return topic


def take_in(*, username: str, first_name: str, last_name: str, password: str, actor: User | None) -> User:
    """Somebody new works here; without a grant they see nothing. Raises `Forbidden`, `IntegrityError`."""
    _allowed(actor)
    user = User.objects.create_user(username, password=password, first_name=first_name, last_name=last_name)
    audit.record("person.taken-in", subject=f"user:{user.public_id}", actor=actor)
    return user


def give(*, user: User, role: str, office: Office | None, actor: User | None, queue: str = "") -> Grant:
    """A role in an office or in all, in one queue of it or in all. Giving it again changes nothing. Raises `Forbidden`."""
    _allowed(actor)
    grant, new = Grant.objects.get_or_create(user=user, role=role, office=office, queue=queue)
    if new:
        audit.record("grant.given", subject=f"user:{user.public_id}", actor=actor, data={"role": role, "queue": queue})
    return grant


def _allowed(actor: User | None) -> None:
    if actor is not None:
        require(actor, "settings.change")
