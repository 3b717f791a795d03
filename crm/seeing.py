"""Rows through the access gateway by statements that are worked out once for everybody who was granted the same.

Which offices and queues somebody was granted decides what the gateway's rule looks like; who they are is a value in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

from crm import access
from crm.models import User
from crm.prepared import Prepared, PreparedModel

M = TypeVar("M", bound=Model)
WHO = 2_147_000_061  # stands for the person
KEPT = 200  # sorts of grants
Granted = frozenset[tuple[str, int | None, str]]


class Visible(Generic[M]):
    """`rows` gives what a person may see, by `access.visible`; `places` as in `Prepared`."""

    def __init__(self, rows: Callable[[User], QuerySet[M, Any]], *places: object) -> None:
        self._rows, self._places = rows, places
        self._models: dict[Granted, PreparedModel[M]] = {}
        self._values: dict[Granted, Prepared] = {}

    def first(self, user: User, *values: object) -> M | None:
        return self._model(user).first(user.pk, *values)

    def values(self, user: User, *values: object) -> list[list[Any]]:
        """Where `rows` gives a `values_list`."""
        granted = _granted(user)
        if granted not in self._values:
            _make_room(self._values)
            self._values[granted] = Prepared(self._rows(_like(user)), WHO, *self._places, may_miss=WHO)
        return self._values[granted].rows(user.pk, *values)

    def _model(self, user: User) -> PreparedModel[M]:
        granted = _granted(user)
        if granted not in self._models:
            _make_room(self._models)
            self._models[granted] = PreparedModel(self._rows(_like(user)), WHO, *self._places, may_miss=WHO)
        return self._models[granted]


def _granted(user: User) -> Granted:
    return frozenset((grant.role, grant.office_id, grant.queue) for grant in access.grants(user))


def _like(user: User) -> User:
    """Somebody who was granted the same."""
    other = User(pk=WHO, is_active=user.is_active)
    other._access_grants = access.grants(user)  # type: ignore[attr-defined]  # as `access.grants` keeps them
    return other


def _make_room(known: dict[Granted, Any]) -> None:
    if len(known) >= KEPT:
        known.clear()
