"""What belongs to a confidential or sealed case comes only to those who may read it, by whatever way."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from contactcenter.desk import people
from contactcenter.queues import match, offers, transfers, work_items
from contactcenter.queues.models import WorkItem
from contactcenter.queues.transfers import NotThere
from crm.access import Forbidden
from crm.models import Case, User
from tests.contactcenter.queues.conftest import Queues, SitDown
from tests.people import Town, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
Keep = Callable[..., WorkItem]


@pytest.fixture
def kept(queues_up: Queues, town: Town) -> Keep:
    """`kept("Rosa", "sealed", owner=bruno)`: waits in the front office, of such a case."""

    def of_a_case(who: str, confidentiality: str, owner: User | None = None, at: dt.datetime | None = None) -> WorkItem:
        item = queues_up(who, at=at)
        assert item.interaction is not None
        number = f"2026-{Case.objects.count() + 1:06}"
        item.interaction.case = Case.objects.create(
            number=number, subject="Segnalazione", office=town.front, confidentiality=confidentiality, owner=owner,
            opened_at=timezone.now(),
        )  # fmt: skip
        item.interaction.save(update_fields=["case"])
        return item

    return of_a_case


@pytest.fixture
def elena(town: Town) -> User:
    """Back office of the front office: trusted with what is confidential there."""
    return person("elena", "Elena", "Moro", "back-office", town.front)


def test_it_is_offered_past_who_may_not_read_it(kept: Keep, sits_down: SitDown, anna: User, elena: User) -> None:
    sits_down(anna)
    rosa = kept("Rosa", "confidential")
    assert match.run(timezone.now()) == 0
    sits_down(elena)
    assert match.run(timezone.now()) == 1
    assert [offer.item for offer in offers.pending_of(elena)] == [rosa]


def test_a_sealed_one_is_offered_to_the_owner_of_the_case_alone(
    kept: Keep, sits_down: SitDown, anna: User, bruno: User, elena: User, diego: User
) -> None:
    rosa = kept("Rosa", "sealed", owner=bruno)
    for somebody in (anna, elena, diego):
        sits_down(somebody)
    assert match.run(timezone.now()) == 0
    sits_down(bruno)
    assert match.run(timezone.now()) == 1
    assert [offer.item for offer in offers.pending_of(bruno)] == [rosa]


def test_it_does_not_hold_up_those_behind_it(
    kept: Keep, queues_up: Queues, sits_down: SitDown, anna: User, now: dt.datetime
) -> None:
    kept("Rosa", "sealed", at=now - dt.timedelta(minutes=9))
    giulia, paolo = queues_up("Giulia"), queues_up("Paolo")
    sits_down(anna)
    assert match.run(timezone.now()) == 2
    assert {offer.item for offer in offers.pending_of(anna)} == {giulia, paolo}


def test_taking_the_next_one_goes_past_it(
    kept: Keep, queues_up: Queues, sits_down: SitDown, anna: User, now: dt.datetime
) -> None:
    sits_down(anna)
    kept("Rosa", "confidential", at=now - dt.timedelta(minutes=9))
    assert (list(match.next_for(anna, now)), work_items.take_next(actor=anna)) == ([], None)
    giulia = queues_up("Giulia")
    assert list(match.next_for(anna, now)) == [giulia.pk]
    assert work_items.take_next(actor=anna) == giulia


def test_it_is_not_claimed_by_whoever_knows_its_address(
    kept: Keep, sits_down: SitDown, anna: User, elena: User
) -> None:
    sits_down(anna)
    rosa = kept("Rosa", "confidential")
    with pytest.raises(Forbidden, match="kept from you"):
        work_items.claim(item=rosa, actor=anna)
    rosa.refresh_from_db()
    assert (rosa.state, rosa.owner) == ("waiting", None)
    assert work_items.claim(item=rosa, actor=elena).owner == elena


def test_what_is_sealed_after_it_was_offered_is_not_taken(kept: Keep, sits_down: SitDown, anna: User) -> None:
    sits_down(anna)
    rosa = kept("Rosa", "normal")
    assert match.run(timezone.now()) == 1
    Case.objects.update(confidentiality="sealed")
    with pytest.raises(Forbidden):
        offers.accept(offer=offers.pending_of(anna)[0], actor=anna)
    rosa.refresh_from_db()
    assert (rosa.state, rosa.owner) == ("offered", None)


def test_it_is_not_handed_to_a_colleague_who_may_not_read_it(
    kept: Keep, sits_down: SitDown, anna: User, elena: User
) -> None:
    sits_down(anna)
    rosa = work_items.claim(item=kept("Rosa", "confidential"), actor=elena)
    said = {one.user: one.why_not for one in people.who_might_take(rosa, elena)}
    assert said[anna] == "may not read this case"
    with pytest.raises(NotThere, match="Anna Bianchi may not read this case"):
        transfers.to_person(item=rosa, person=anna, actor=elena)
    rosa.refresh_from_db()
    assert rosa.owner == elena
