"""Role × office × address: nobody reads what isn't theirs, and what one may not know of is not there (404)."""

import pytest
from django.test import Client

from channels_adapters.contract import InboundFile
from crm.models import Attachment, Grant, Interaction, User
from tests.contactcenter.desk.conftest import PART, SignIn, Write, at, take
from tests.people import Town, person

READING = ["", "transferring/", "closing/", "case/", "mail/1/"]
CHANGING = [
    "answer/", "take/", "release/", "close/", "transfer/", "case/open/", "case/link/", "name/", "verify/1/", "retry/1/",
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/desk/", "/desk/mine/", "/desk/shortcuts/"])
@pytest.mark.parametrize(
    "who, status", [("anna", 200), ("carla", 200), ("diego", 200), ("ada", 403), ("nobody", 403), ("gone", 302)]
)
def test_who_has_a_desk(
    address: str, who: str, status: int, request: pytest.FixtureRequest, town: Town, sign_in: SignIn
) -> None:
    if who in {"nobody", "gone"}:
        user = User.objects.create_user(who, password="demo", is_active=who != "gone")
        browser = sign_in(user)
    else:
        browser = sign_in(request.getfixturevalue(who))
    answer = browser.get(address, headers=PART if status == 403 else {})
    assert answer.status_code == status


@pytest.mark.django_db
@pytest.mark.parametrize("verb", READING)
@pytest.mark.parametrize("who, status", [("anna", 200), ("bruno", 200), ("diego", 200), ("carla", 404), ("ada", 403)])
def test_a_letter_to_the_front_office_is_read_there_and_nowhere_else(
    verb: str, who: str, status: int, giulia: Interaction, request: pytest.FixtureRequest, sign_in: SignIn
) -> None:
    browser = sign_in(request.getfixturevalue(who))
    answer = browser.get(at(giulia, verb), headers=PART)
    assert answer.status_code == status
    if status != 200:
        assert b"TARI" not in answer.content
        assert b"Giulia" not in answer.content


@pytest.mark.django_db
@pytest.mark.parametrize("verb", CHANGING)
@pytest.mark.parametrize("who, status", [("carla", 404), ("ada", 403)])
def test_nobody_else_can_act_on_it(
    verb: str, who: str, status: int, giulia: Interaction, request: pytest.FixtureRequest, sign_in: SignIn
) -> None:
    before = giulia.version
    answer = sign_in(request.getfixturevalue(who)).post(
        at(giulia, verb), {"text": "ciao", "version": before}, headers=PART
    )
    giulia.refresh_from_db()
    assert (answer.status_code, giulia.version) == (status, before)


@pytest.mark.django_db
def test_a_stranger_is_sent_to_sign_in_and_a_part_says_so(giulia: Interaction) -> None:
    page = Client().get(at(giulia))
    assert page["Location"].startswith("/login/?next=/desk/c/")
    part = Client().get(at(giulia), headers=PART)
    assert (part.status_code, part["HX-Redirect"]) == (401, "/login/")


@pytest.mark.django_db
def test_an_administrator_who_signs_in_is_shown_to_the_settings(ada: User, sign_in: SignIn) -> None:
    assert sign_in(ada).get("/desk/")["Location"] == "/settings/"


@pytest.mark.django_db
def test_who_also_installs_finds_the_way_to_the_settings(anna: User, town: Town, sign_in: SignIn) -> None:
    assert 'href="/settings/"' not in sign_in(anna).get("/desk/").content.decode()
    Grant.objects.create(user=anna, role="administrator", office=None)
    assert 'href="/settings/"' in sign_in(User.objects.get(pk=anna.pk)).get("/desk/").content.decode()


@pytest.mark.django_db
def test_a_grant_for_one_queue_shows_that_queue_alone(
    write: Write, giulia: Interaction, town: Town, sign_in: SignIn
) -> None:
    elena = person("elena", "Elena", "Fontana", "agent", town.taxes, queue="tributi")
    page = sign_in(elena).get("/desk/").content.decode()
    assert "Giulia Ferri" not in page
    Grant.objects.create(user=elena, role="agent", office=town.front, queue="accoglienza")
    page = sign_in(User.objects.get(pk=elena.pk)).get("/desk/").content.decode()
    assert "Giulia Ferri" in page


@pytest.mark.django_db
def test_what_went_before_is_shown_under_ones_own_rights(
    write: Write, giulia: Interaction, anna: User, town: Town, sign_in: SignIn
) -> None:
    Interaction.objects.filter(pk=giulia.pk).update(office=town.taxes, queue="tributi", subject="Debito con il fisco")
    later = write("E adesso?", thread="another", subject="Orari")
    page = sign_in(anna).get(at(later), headers=PART).content.decode()
    assert "Debito con il fisco" not in page
    assert "Nothing before this, as far as you may see." in page


@pytest.mark.django_db
def test_a_file_is_as_private_as_its_conversation(write: Write, anna: User, carla: User, sign_in: SignIn) -> None:
    write("Ecco", files=(InboundFile(name="ricevuta.pdf", body=b"%PDF-1.7 84"),))
    file = Attachment.objects.get()
    ours = sign_in(anna).get(f"/desk/files/{file.public_id}/")
    assert (ours.status_code, ours["Content-Disposition"]) == (200, 'attachment; filename="ricevuta.pdf"')
    assert ours["X-Content-Type-Options"] == "nosniff"
    assert sign_in(carla).get(f"/desk/files/{file.public_id}/").status_code == 404


@pytest.mark.django_db
def test_nobody_answers_in_the_place_of_the_owner(
    with_anna: Interaction, anna: User, bruno: User, sign_in: SignIn
) -> None:
    answer = sign_in(bruno).post(
        at(with_anna, "answer/"), {"text": "Ci penso io", "version": with_anna.version}, headers=PART
    )
    assert answer.status_code == 409
    assert "Anna Bianchi" in answer.content.decode()
    assert not with_anna.messages.filter(direction="out", author=bruno).exists()
    note = sign_in(bruno).post(at(with_anna, "answer/"), {"text": "La conosco", "as": "note"}, headers=PART)
    assert note.status_code == 200
    take(with_anna, anna)  # still hers
