"""Role × office × row: nobody sees what isn't theirs, and what they may not know of doesn't exist."""

from collections.abc import Callable

import pytest
from django.db.models import Model
from django.utils import timezone

from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues.models import WorkItem
from crm import access, cases, interactions
from crm.models import Attachment, Case, Citizen, ContactPoint, Event, Grant, Interaction, Message, Office, User
from tests.people import Town, person

Seen = tuple[bool, bool, bool]  # (front office, tax office, confidential tax case)


@pytest.fixture
def rows(town: Town) -> dict[str, Interaction]:
    """One contact at the front office, one at the tax office, one in a confidential tax case."""
    made = {
        "front": contact("giulia", town.front, "accoglienza"),
        "taxes": contact("paolo", town.taxes, "tributi"),
        "kept": contact("marta", town.taxes, "tributi"),
    }
    case = cases.open(subject="Riservata", office=town.taxes, citizen=made["kept"].citizen)
    Case.objects.filter(pk=case.pk).update(confidentiality="confidential")
    Interaction.objects.filter(pk=made["kept"].pk).update(case=case)
    return made


def contact(who: str, office: Office, queue: str) -> Interaction:
    now = timezone.now()
    citizen = Citizen.objects.create(name=who.title(), created_at=now)
    point = ContactPoint.objects.create(citizen=citizen, scheme="paper", value=who, created_at=now)
    interaction = Interaction.objects.create(
        account="carta",
        family="written",
        contact_point=point,
        citizen=citizen,
        office=office,
        queue=queue,
        opened_at=now,
    )
    message = Message.objects.create(
        interaction=interaction, seq=1, direction="in", account="carta", state="received", text=who, created_at=now
    )
    Attachment.objects.create(
        message=message, name="a", stored_as=who, size=1, content_type="text/plain", sha256="", created_at=now
    )
    Event.objects.create(name="message.received", at=now, interaction=interaction)
    return interaction


MATRIX: dict[str, Seen] = {
    "anna": (True, False, False),
    "carla": (False, True, True),
    "diego": (True, True, True),
    "ada": (False, False, False),
    "tax_agent": (False, True, False),
    "queue_agent": (False, True, False),
    "other_queue_agent": (False, False, False),
    "stranger": (False, False, False),
    "former_agent": (False, False, False),
}


@pytest.fixture
def people(town: Town, anna: User, carla: User, diego: User, ada: User) -> dict[str, User]:
    former = person("fabio", "Fabio", "Neri", "agent", town.front)
    former.is_active = False
    former.save()
    return {
        "anna": anna, "carla": carla, "diego": diego, "ada": ada, "former_agent": former,
        "tax_agent": person("teo", "Teo", "Villa", "agent", town.taxes),
        "queue_agent": person("quinto", "Quinto", "Sala", "agent", town.taxes, queue="tributi"),
        "other_queue_agent": person("olga", "Olga", "Pini", "agent", town.taxes, queue="altra"),
        "stranger": User.objects.create_user("stranger", password="demo"),
    }  # fmt: skip


OF: dict[type[Model], Callable[[Interaction], Model | None]] = {
    Interaction: lambda interaction: interaction,
    Message: lambda interaction: interaction.messages.first(),
    Attachment: lambda interaction: Attachment.objects.get(message__interaction=interaction),
    Event: lambda interaction: interaction.events.first(),
    Citizen: lambda interaction: interaction.citizen,
    ContactPoint: lambda interaction: interaction.contact_point,
}


@pytest.mark.django_db
@pytest.mark.parametrize("model", OF)
@pytest.mark.parametrize("who", MATRIX)
def test_who_sees_what(who: str, model: type[Model], rows: dict[str, Interaction], people: dict[str, User]) -> None:
    seen = set(access.visible(people[who], model._default_manager.all()).values_list("pk", flat=True))
    expected = dict(zip(("front", "taxes", "kept"), MATRIX[who], strict=True))
    for name, interaction in rows.items():
        row = OF[model](Interaction.objects.get(pk=interaction.pk))
        assert row is not None
        known_by_case = model in (Citizen, ContactPoint) and name == "kept" and MATRIX[who][2]
        assert (row.pk in seen) == (expected[name] or known_by_case), name


@pytest.mark.django_db
def test_what_is_not_visible_does_not_exist(rows: dict[str, Interaction], people: dict[str, User]) -> None:
    with pytest.raises(access.NotVisible):
        interactions.read(user=people["anna"], public_id=rows["taxes"].public_id)
    with pytest.raises(access.NotVisible):
        interactions.read(user=people["anna"], public_id="00000000-0000-0000-0000-000000000000")


@pytest.mark.django_db
def test_a_model_without_a_rule_is_refused_not_shown(anna: User) -> None:
    with pytest.raises(LookupError, match="Office"):
        access.visible(anna, Office.objects.all())


@pytest.mark.django_db
def test_a_sealed_case_is_its_owners_alone(town: Town, carla: User, diego: User) -> None:
    case = cases.open(subject="Sigillata", office=town.taxes, actor=carla)
    Case.objects.filter(pk=case.pk).update(confidentiality="sealed")
    assert access.visible(carla, Case.objects.all()).exists()
    assert not access.visible(diego, Case.objects.all()).exists()


@pytest.mark.django_db
def test_a_right_taken_away_is_gone_at_once(rows: dict[str, Interaction], anna: User) -> None:
    Grant.objects.filter(user=anna).delete()
    assert not access.visible(User.objects.get(pk=anna.pk), Interaction.objects.all()).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "who, action, allowed",
    [
        ("anna", "interaction.reply", True), ("ada", "interaction.reply", False), ("ada", "settings.change", True),
        ("diego", "settings.change", False), ("anna", "audit.read", False), ("diego", "interaction.take-over", True),
        ("anna", "no.such.action", False), ("stranger", "interaction.reply", False),
    ],
)  # fmt: skip
def test_who_may_do_what(who: str, action: str, allowed: bool, people: dict[str, User]) -> None:
    assert access.may(people[who], action) is allowed


@pytest.mark.django_db
def test_a_role_counts_in_its_own_office_only(town: Town, anna: User) -> None:
    access.require(anna, "interaction.reply", office_id=town.front.pk)
    with pytest.raises(access.Forbidden):
        access.require(anna, "interaction.reply", office_id=town.taxes.pk)


@pytest.mark.django_db
def test_a_look_is_recorded_with_whose_and_why(rows: dict[str, Interaction], anna: User) -> None:
    from crm.models import AuditEntry

    interactions.read(user=anna, public_id=rows["front"].public_id, purpose="phone call")
    look = AuditEntry.objects.get(action="interaction.read")
    citizen = rows["front"].citizen
    assert citizen is not None
    assert (look.actor, look.citizen, look.purpose) == (anna, citizen.public_id, "phone call")


@pytest.mark.django_db
def test_work_items_follow_their_interaction(
    rows: dict[str, Interaction], people: dict[str, User], town: Town, letters: ChannelAccount
) -> None:
    for name, queue in (("front", town.front_queue), ("taxes", town.taxes_queue), ("kept", town.taxes_queue)):
        now = timezone.now()
        WorkItem.objects.create(interaction=rows[name], queue=queue, family="written", queued_at=now, rank_at=now)
    seen = {who: WorkItem.objects.visible_to(user).count() for who, user in people.items()}
    assert seen == {who: sum(MATRIX[who]) for who in MATRIX}


@pytest.mark.django_db
@pytest.mark.parametrize("confidentiality", Case.Confidentiality.values)
@pytest.mark.parametrize("owned", [True, False])
def test_who_may_read_a_case_is_the_same_asked_from_either_side(confidentiality: str, owned: bool, town: Town) -> None:
    everybody = [
        person(f"{role}-{n}", role, str(n), role, office, queue)
        for role in ("agent", "back-office", "manager", "administrator")
        for n, (office, queue) in enumerate([
            (None, ""), (town.front, ""), (town.taxes, ""), (town.taxes, "tributi"), (None, "tributi")
        ])
    ]  # fmt: skip
    twice = person("twice", "Due", "Ruoli", "manager", town.front)
    Grant.objects.create(user=twice, role="agent", office=town.taxes)
    gone = person("gone", "Non", "Piu", "manager", None)
    gone.is_active = False
    gone.save()
    User.objects.create_user("nobody")
    for owner in [*everybody, twice, gone] if owned else [None]:
        case = cases.open(subject="Segnalazione", office=town.taxes)
        Case.objects.filter(pk=case.pk).update(confidentiality=confidentiality, owner=owner)
        case.refresh_from_db()
        theirs = {user for user in User.objects.all() if access.visible(user, Case.objects.filter(pk=case.pk)).exists()}
        assert set(access.readers_of(case)) == theirs
