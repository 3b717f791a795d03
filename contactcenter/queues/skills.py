"""Skills: making, changing and removing them. One that a requirement names stays: it would be waited for in vain."""

from collections.abc import Iterator

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contactcenter.queues import rulebook
from contactcenter.queues.checking import Faults, Wrong
from contactcenter.queues.models import AgentSkill, Queue, RoutingRule, Skill, WorkItem
from contactcenter.routing import expression
from contactcenter.routing.expression import Terms
from crm import audit
from crm.access import require
from crm.models import Topic, User

__all__ = ["InUse", "Wrong", "change", "create", "named_in", "remove"]
NAMED = 5


class InUse(ValueError):
    """A requirement names this skill; the sentence says where."""


def create(*, slug: str, name: str, actor: User | None, topic: Topic | None = None) -> Skill:
    """Nobody has it yet. Raises `Forbidden`, `Wrong`."""
    if actor is not None:
        require(actor, "settings.change")
    _check(name, slug)
    try:
        with transaction.atomic():
            skill = Skill.objects.create(slug=slug, name=name.strip(), topic=topic)
            audit.record("skill.created", subject=f"skill:{slug}", actor=actor)
            rulebook.changed()
    except IntegrityError:
        taken = _("Another skill has the short name “%(slug)s”. Choose a different one.") % {"slug": slug}
        raise Wrong({"slug": [taken]}, {}) from None
    return skill


def change(*, skill: Skill, name: str, topic: Topic | None, active: bool, actor: User) -> None:
    """Raises `Forbidden`, `Wrong`, and `InUse` where it would be switched off, or lose a topic, that is asked for."""
    require(actor, "settings.change")
    _check(name, skill.slug)
    with transaction.atomic():
        skill.refresh_from_db(from_queryset=Skill.objects.select_for_update())
        if skill.active and not active:
            _refuse_in_use(skill)
        elif skill.topic_id and skill.topic_id != (topic.pk if topic else None):
            _refuse_in_use(skill, itself=False)
        skill.name, skill.topic, skill.active = name.strip(), topic, active
        skill.save(update_fields=["name", "topic", "active"])
        audit.record("skill.changed", subject=f"skill:{skill.slug}", actor=actor)
        rulebook.changed()


def remove(*, skill: Skill, actor: User) -> None:
    """Whoever had it has it no more. Raises `Forbidden`, `InUse`."""
    require(actor, "settings.change")
    with transaction.atomic():
        _refuse_in_use(skill)
        had = AgentSkill.objects.filter(skill=skill).count()
        slug = skill.slug
        skill.delete()
        audit.record("skill.removed", subject=f"skill:{slug}", actor=actor, data={"had": had})
        rulebook.changed()


def _check(name: str, slug: str) -> None:
    faults = Faults()
    faults.slug("slug", slug)
    if not name.strip():
        faults.say("name", _("Write a name."))
    faults.refuse()


def named_in(skill: Skill, *, itself: bool = True) -> list[str]:
    """Where requirements name it, or its topic where no other skill brings that. `itself=False`: the topic alone."""
    topic = skill.topic.slug if skill.topic and _alone_for(skill) else ""

    def is_asked(text: str) -> bool:
        named = _terms(text)
        return (itself and skill.slug in named.skills) or topic in named.topics

    return [where for where, text in _requirements() if is_asked(text)]


def _alone_for(skill: Skill) -> bool:
    return not Skill.objects.filter(topic=skill.topic_id, active=True).exclude(pk=skill.pk).exists()


def _requirements() -> Iterator[tuple[str, str]]:
    """Every requirement of the house, and where it stands."""
    for queue in Queue.objects.all():
        for text in (queue.requirements, *(step["requirements"] for step in queue.steps)):
            yield _("the queue %(name)s") % {"name": queue.name}, text
    for rule in RoutingRule.objects.all():
        yield _("the rule “%(name)s”") % {"name": rule.name}, rule.requirements
    waiting = WorkItem.objects.exclude(state__in=WorkItem.ENDED).exclude(requirements="").order_by()
    for text in waiting.values_list("requirements", flat=True).distinct():
        yield _("contacts that are waiting"), text


def _terms(text: str) -> Terms:
    try:
        return expression.terms(expression.read(text))
    except expression.Mistake:
        return Terms()


def _refuse_in_use(skill: Skill, *, itself: bool = True) -> None:
    places = list(dict.fromkeys(named_in(skill, itself=itself)))
    if not places:
        return
    shown = ", ".join(places[:NAMED])
    if len(places) > NAMED:
        shown = _("%(names)s and %(n)d more") % {"names": shown, "n": len(places) - NAMED}
    sentence = _("“%(skill)s” is asked for by %(where)s. Change their requirements first.")
    raise InUse(sentence % {"skill": skill.name, "where": shown})
