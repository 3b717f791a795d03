"""People who take contacts: their abilities and their capacity; switching them off and on."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contactcenter.api.administered import IF_MATCH, Administered, AdministeredList, ByName, Levels, all_named
from contactcenter.api.shapes import asked
from contactcenter.queues import agents, roster
from contactcenter.queues.models import Queue
from contactcenter.queues.models.people import MOST_SLOTS
from contactcenter.routing.matching import CAPACITY
from crm.models import User

S = serializers


class Slots(ByName):
    def __init__(self, **more: Any) -> None:
        super().__init__(child=S.IntegerField(min_value=0, max_value=MOST_SLOTS), **more)


class AgentShape(S.Serializer[User]):
    id = S.UUIDField(source="public_id")
    name = S.CharField(source="display_name")
    active = S.BooleanField(source="is_active")
    level = S.IntegerField()
    slots = Slots(help_text=_("By family: call, chat, written."))
    languages = Levels(help_text=_("By ISO 639-1 code."))
    skills = Levels(help_text=_("By short name."))
    home_queues = S.ListField(child=S.SlugField(), help_text=_("Empty: all queues of their offices."))

    def to_representation(self, instance: User) -> dict[str, Any]:
        agent = getattr(instance, "agent", None)
        told = {"id": str(instance.public_id), "name": instance.display_name, "active": instance.is_active}
        if agent is None:
            return {
                **told, "level": roster.DEFAULT_LEVEL, "slots": dict(CAPACITY), "languages": {}, "skills": {},
                "home_queues": [],
            }  # fmt: skip
        return {
            **told, "level": agent.level, "slots": agent.capacity,
            "languages": {row.language: row.level for row in agent.languages.all()},
            "skills": {row.skill.slug: row.level for row in agent.skills.all()},
            "home_queues": [queue.slug for queue in agent.home_queues.all()],
        }  # fmt: skip


class AgentChange(S.Serializer[Any]):
    level = S.IntegerField(min_value=1, max_value=5, required=False)
    slots = Slots(required=False)
    languages = Levels(required=False, help_text=_("Replaced as a whole."))
    skills = Levels(required=False, help_text=_("Replaced as a whole."))
    home_queues = S.ListField(child=S.SlugField(max_length=50), required=False, max_length=500)


ROWS = User.objects.select_related("agent").prefetch_related(
    "agent__languages", "agent__skills__skill", "agent__home_queues"
)


def people(rows: QuerySet[User]) -> QuerySet[User]:
    return rows.filter(pk__in=agents.who_may_take_contacts().order_by().values("pk"))


class Agents(AdministeredList[User]):
    """Everybody with a role that takes contacts."""

    queryset = ROWS
    serializer_class = AgentShape

    def rows_for(self, person: User, rows: QuerySet[User]) -> QuerySet[User]:
        return people(rows)


class OneAgent(Administered[User]):
    kind = "person"
    queryset = ROWS
    serializer_class = AgentShape

    def _agent(self, id: UUID) -> User:
        return get_object_or_404(people(ROWS.all()), public_id=id)

    def get(self, request: Request, id: UUID) -> Response:
        """One of them."""
        return self.shown(self._agent(id))

    @extend_schema(request=AgentChange, parameters=[IF_MATCH])
    def patch(self, request: Request, id: UUID) -> Response:
        """Change what is given and nothing else."""
        given = asked(AgentChange, request)
        if "home_queues" in given:
            given["home_queues"] = all_named(Queue.objects.all(), "home_queues", given["home_queues"])
        with self.as_read(User.objects.filter(public_id=id), id, lambda: self._agent(id)) as user:
            agents.change(user=user, actor=self.person, **given)
        return self.shown(self._agent(id))


class Leave(OneAgent):
    http_method_names = ["post", "options"]

    @extend_schema(request=None)
    def post(self, request: Request, id: UUID) -> Response:
        """Switch somebody off; what they have waits again at its place."""
        agents.leave(user=self._agent(id), actor=self.person)
        return self.shown(self._agent(id))


class ComeBack(OneAgent):
    http_method_names = ["post", "options"]

    @extend_schema(request=None)
    def post(self, request: Request, id: UUID) -> Response:
        """They may sign in again."""
        agents.come_back(user=self._agent(id), actor=self.person)
        return self.shown(self._agent(id))
