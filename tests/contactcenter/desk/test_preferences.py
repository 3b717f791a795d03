"""What an agent chose holds on every machine, from the first drawing of a page."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from contactcenter.desk import look
from contactcenter.desk.models import Preferences
from crm.models import Interaction, User
from tests.contactcenter.desk.conftest import PART, SignIn

CHOSEN = {"theme": "night", "density": "compact", "sounds": "on", "volume": "70", "told_of_offers": "on"}


@pytest.mark.django_db
def test_what_is_chosen_on_one_machine_is_worn_on_another(anna: User, sign_in: SignIn) -> None:
    answer = sign_in(anna).post("/desk/preferences/", CHOSEN, headers=PART)
    assert (answer.status_code, answer["HX-Refresh"], answer.cookies["theme"].value) == (204, "true", "night")
    html = sign_in(anna).get("/desk/").content.decode()
    root = html[html.index("<html") : html.index("<head>")]
    assert 'data-theme="night" data-bs-theme="dark" data-density="compact" data-volume="70"' in root
    assert 'data-told="offers "' in root
    assert "data-keys-off" in root  # the box was not ticked


@pytest.mark.django_db
def test_the_dialog_shows_what_is_chosen(anna: User, desk: Client) -> None:
    look.choose(actor=anna, theme="dark", volume=0)
    html = desk.get("/desk/preferences/", headers=PART).text
    assert 'value="dark" checked' in html
    assert '<input type="checkbox" name="sounds" >' in html


@pytest.mark.django_db
def test_sounds_that_are_off_are_silent(anna: User, desk: Client) -> None:
    desk.post("/desk/preferences/", {**CHOSEN, "sounds": ""} | {"volume": "70"}, headers=PART)
    assert look.of(User.objects.get(pk=anna.pk)).volume == 70
    desk.post("/desk/preferences/", {key: value for key, value in CHOSEN.items() if key != "sounds"}, headers=PART)
    assert look.of(User.objects.get(pk=anna.pk)).volume == 0


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"theme": "neon"}, {"density": ""}, {"volume": "101"}, {"volume": "x"}])
def test_what_cant_be_chosen_is_refused_in_a_sentence(wrong: dict[str, str], desk: Client) -> None:
    html = desk.post("/desk/preferences/", {**CHOSEN, **wrong}, headers=PART).text
    assert 'role="alert"' in html
    assert not Preferences.objects.exists()


@pytest.mark.django_db
def test_the_menus_quick_choices_are_kept(anna: User, desk: Client, client: Client) -> None:
    assert desk.post("/look/", {"theme": "dark"}).status_code == 204
    assert desk.post("/look/", {"keys": "off"}).status_code == 204
    assert desk.post("/look/", {"theme": "neon"}).status_code == 422
    kept = look.of(User.objects.get(pk=anna.pk))
    assert (kept.theme, kept.keys, kept.density) == ("dark", False, "comfortable")
    assert client.post("/look/", {"theme": "night"}).cookies["theme"].value == "night"  # nobody is signed in
    assert client.post("/look/", {"theme": "neon"}).status_code == 422
    assert 'data-theme="night"' in client.get("/login/").content.decode()


@pytest.mark.django_db
def test_preferences_cost_no_statement(
    anna: User, giulia: Interaction, desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    look.choose(actor=anna, theme="night")
    user = look.SignedIn().get_user(anna.pk)
    assert user is not None
    with django_assert_max_num_queries(0):
        assert look.of(user).theme == "night"
    bruno = look.SignedIn().get_user(User.objects.create(username="nobody-yet").pk)
    assert bruno is not None
    with django_assert_max_num_queries(0):
        assert look.of(bruno) == look.Look()
