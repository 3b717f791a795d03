"""Skills: read, made, changed and removed by administrators."""

from contextlib import AbstractContextManager
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contactcenter.api.administered import IF_MATCH, Administered, AdministeredList, named
from contactcenter.api.shapes import asked
from contactcenter.queues import skills
from contactcenter.queues.models import Skill
from crm.models import Topic

S = serializers
ROWS = Skill.objects.select_related("topic")


class SkillShape(S.Serializer[Skill]):
    slug = S.SlugField()
    name = S.CharField()
    topic = S.SlugField(source="topic.slug", allow_null=True, default=None)
    active = S.BooleanField()


class SkillChange(S.Serializer[Any]):
    name = S.CharField(max_length=120, required=False)
    topic = S.SlugField(max_length=50, required=False, allow_null=True)
    active = S.BooleanField(required=False)


class NewSkill(S.Serializer[Any]):
    slug = S.SlugField(max_length=50)
    name = S.CharField(max_length=120)
    topic = S.SlugField(max_length=50, required=False, allow_null=True)


def _topics() -> QuerySet[Topic]:
    return Topic.objects.filter(active=True)


class Skills(AdministeredList[Skill]):
    """What not everybody can do."""

    queryset = ROWS
    serializer_class = SkillShape

    @extend_schema(request=NewSkill, responses={201: SkillShape})
    def post(self, request: Request) -> Response:
        """Make one; nobody has it yet."""
        given = asked(NewSkill, request)
        given["topic"] = named(_topics(), "topic", given.get("topic"))
        return self.shown(skills.create(actor=self.person, **given), status=201)


class OneSkill(Administered[Skill]):
    kind = "skill"
    queryset = ROWS
    serializer_class = SkillShape

    def get(self, request: Request, slug: str) -> Response:
        """One skill."""
        return self.shown(get_object_or_404(ROWS, slug=slug))

    @extend_schema(request=SkillChange, parameters=[IF_MATCH])
    def patch(self, request: Request, slug: str) -> Response:
        """Change what is given. 409 where it would be switched off, and something asks for it."""
        given = asked(SkillChange, request)
        if "topic" in given:
            given["topic"] = named(_topics(), "topic", given["topic"])
        with self._as_read(slug) as skill:
            known = {"name": skill.name, "topic": skill.topic, "active": skill.active}
            skills.change(skill=skill, actor=self.person, **{**known, **given})
        return self.shown(skill)

    @extend_schema(responses={204: None}, parameters=[IF_MATCH])
    def delete(self, request: Request, slug: str) -> Response:
        """Nobody has it any more. 409 says where it is asked for."""
        with self._as_read(slug) as skill:
            skills.remove(skill=skill, actor=self.person)
        return Response(status=204)

    def _as_read(self, slug: str) -> AbstractContextManager[Skill]:
        return self.as_read(Skill.objects.filter(slug=slug), slug, lambda: get_object_or_404(ROWS, slug=slug))
