"""What somebody can take, and how much of it at once; and what happens to their work when they leave."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.push import subscriptions
from contactcenter.queues import hints, offers, presence, rulebook
from contactcenter.queues.checking import LEVEL, SLOTS, Faults, Wrong
from contactcenter.queues.held import presence_if_free
from contactcenter.queues.models import Agent, AgentLanguage, AgentSkill, Offer, Presence, Queue, Skill, WorkItem
from crm import access, audit
from crm.access import require
from crm.models import Grant, User

__all__ = ["CannotLeave", "Wrong", "change", "come_back", "leave", "return_work_of_departed", "who_may_take_contacts"]


class CannotLeave(ValueError):
    """The sentence says why."""


def who_may_take_contacts() -> QuerySet[User]:
    """Everybody with a role for it, whether switched off or not, by name."""
    grants = Grant.objects.filter(user=OuterRef("pk"), role__in=access.ACTIONS["interaction.claim"])
    rows = User.objects.filter(Q(Exists(grants)) | Q(agent__isnull=False))
    return rows.order_by("last_name", "first_name", "username")


def change(
    *,
    user: User,
    actor: User | None,
    level: int | None = None,
    slots: Mapping[str, int] | None = None,
    languages: Mapping[str, int] | None = None,
    skills: Mapping[str, int] | None = None,
    home_queues: Collection[Queue] | None = None,
) -> Agent:
    """None leaves something as it is. `slots` by family, `languages` by code and `skills` by slug with levels of 1–5.

    What they have stays theirs, however few slots are left. Raises `Forbidden`, `Wrong`.
    """
    if actor is not None:
        require(actor, "settings.change")
    faults = Faults()
    _check_numbers(level, slots, faults)
    _check_levels("languages", languages or {}, faults)
    _check_levels("skills", skills or {}, faults)
    for code in languages or {}:
        faults.language(f"languages.{code}", code)
    known = _known_skills(skills or {}, faults)
    faults.refuse()
    with transaction.atomic():
        agent, _made = Agent.objects.select_for_update().get_or_create(user=user)
        _set_numbers(agent, level, slots)
        if languages is not None:
            _set_languages(agent, languages)
        if skills is not None:
            _set_skills(agent, {known[slug]: given for slug, given in skills.items()})
        if home_queues is not None:
            agent.home_queues.set(home_queues)
        given = {"level": level, "slots": slots, "languages": languages, "skills": skills, "home_queues": home_queues}
        fields = sorted(name for name, value in given.items() if value is not None)
        audit.record("agent.changed", subject=f"person:{user.public_id}", actor=actor, data={"fields": fields})
        rulebook.changed()
        hints.after_commit()
    return agent


def _check_numbers(level: int | None, slots: Mapping[str, int] | None, faults: Faults) -> None:
    if level is not None:
        faults.number("level", level, *LEVEL)
    for family, number in (slots or {}).items():
        faults.one_of(f"slots.{family}", family, tuple(SLOTS))
        faults.number(f"slots.{family}", number, 0, SLOTS.get(family, 0))


def _check_levels(name: str, given: Mapping[str, int], faults: Faults) -> None:
    for key, level in given.items():
        faults.number(f"{name}.{key}", level, *LEVEL)


def _known_skills(given: Mapping[str, int], faults: Faults) -> dict[str, Skill]:
    known = {skill.slug: skill for skill in Skill.objects.filter(slug__in=list(given))}
    for slug in given:
        if slug not in known:
            faults.say(f"skills.{slug}", _("There is no skill “%(name)s”. Create it first.") % {"name": slug[:50]})
    return known


def _set_numbers(agent: Agent, level: int | None, slots: Mapping[str, int] | None) -> None:
    agent.level = agent.level if level is None else level
    for family, number in (slots or {}).items():
        setattr(agent, f"{family}_slots", number)
    agent.save()


def _set_languages(agent: Agent, given: Mapping[str, int]) -> None:
    agent.languages.exclude(language__in=given).delete()
    for code, level in given.items():
        AgentLanguage.objects.update_or_create(agent=agent, language=code, defaults={"level": level})


def _set_skills(agent: Agent, given: Mapping[Skill, int]) -> None:
    agent.skills.exclude(skill__in=given).delete()
    for skill, level in given.items():
        AgentSkill.objects.update_or_create(agent=agent, skill=skill, defaults={"level": level})


# --- leaving ----------------------------------------------------------------------------------------------------------


def leave(*, user: User, actor: User) -> int:
    """Somebody doesn't work here any more: they can't sign in, and all they had waits again at its original place.

    Their name stays on what they did. Returns how many contacts went back. Raises `Forbidden`, `CannotLeave`.
    """
    require(actor, "settings.change")
    if user.pk == actor.pk:
        raise CannotLeave(_("You can't switch yourself off. Ask another administrator."))
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=False)
        user.is_active = False
        returned = presence.sign_off(user, timezone.now(), reason="left", by=actor)
        subscriptions.end(user=user)
        audit.record("person.left", subject=f"person:{user.public_id}", actor=actor, data={"returned": returned})
        rulebook.changed()
    hints.after_commit()
    return returned


def come_back(*, user: User, actor: User) -> None:
    """They may sign in again, with the roles they had. Raises `Forbidden`."""
    require(actor, "settings.change")
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=True)
        user.is_active = True
        audit.record("person.came-back", subject=f"person:{user.public_id}", actor=actor)
        rulebook.changed()


def return_work_of_departed(now: datetime) -> int:
    """Whoever was switched off by another hand (a script, a directory) leaves work behind: it goes back, too."""
    open_work = WorkItem.objects.filter(owner=OuterRef("pk")).exclude(state__in=[*WorkItem.ENDED, "wrapping"])
    asked = Offer.objects.filter(agent=OuterRef("pk"), state=Offer.State.PENDING)
    here = Presence.objects.filter(user=OuterRef("pk")).exclude(status=Presence.Status.OFFLINE)
    gone = User.objects.filter(is_active=False).filter(Exists(open_work) | Exists(asked) | Exists(here))
    return sum(_return(user, now) for user in gone[: offers.BATCH])


def _return(user: User, now: datetime) -> int:
    with transaction.atomic():
        if presence_if_free(user, now) is None:
            return 0
        returned = presence.sign_off(user, now, reason="left")
        data: dict[str, Any] = {"returned": returned}
        audit.record("person.left", subject=f"person:{user.public_id}", data=data)
    hints.after_commit()
    return returned + 1
