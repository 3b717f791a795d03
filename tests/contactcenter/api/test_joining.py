"""Programs merge, split and mention under the same rights as people at the desk."""

from collections.abc import Callable
from typing import Any

import pytest

from contactcenter.queues import work_items
from contactcenter.queues.models import Notice
from crm.models import Grant, Interaction, Message, User
from tests.contactcenter.api.conftest import Program
from tests.people import Town

Build = Callable[..., Program]
Write = Callable[..., Interaction]
pytestmark = pytest.mark.django_db


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


@pytest.fixture
def two(write: Write) -> tuple[Interaction, Interaction]:
    """Giulia's two letters about one thing."""
    first, second = write("giulia"), write("giulia", thread="another", external_id="giulia-2")
    assert first != second
    Message.objects.filter(direction="out").update(state="sent")  # the acknowledgements have left
    return first, second


def test_two_become_one_and_two_again(two: tuple[Interaction, Interaction], anna: User, program: Build) -> None:
    target, source = two
    hers = program(anna)
    answer = hers.post(
        f"interactions/{target.public_id}/merge/", {"source": str(source.public_id), "version": target.version}
    )
    assert answer.status_code == 200, answer.json()
    source.refresh_from_db()
    assert source.merged_into == target
    body = {"queue": "accoglienza", "merged": str(source.public_id)}
    apart = hers.post(f"interactions/{target.public_id}/split/", body)
    assert (apart.status_code, apart.json()["id"]) == (201, str(source.public_id))


def test_a_part_goes_its_own_way_from_a_message_on(write: Write, anna: User, program: Build) -> None:
    interaction = write("giulia", thread="tari")
    assert write("giulia", thread="tari", external_id="giulia-2") == interaction
    Message.objects.filter(direction="out").update(state="sent")
    seq = Message.objects.filter(interaction=interaction, direction="in").order_by("-seq").values_list("seq")[0][0]
    answer = program(anna).post(
        f"interactions/{interaction.public_id}/split/", {"queue": "accoglienza", "from_seq": seq}
    )
    assert answer.status_code == 201, answer.json()
    assert answer.json()["id"] != str(interaction.public_id)


@pytest.mark.parametrize("body", [{}, {"queue": "accoglienza"}, {"queue": "luna", "from_seq": 2}])
def test_a_split_says_what_goes_where(body: dict[str, Any], write: Write, anna: User, program: Build) -> None:
    assert program(anna).post(f"interactions/{write('giulia').public_id}/split/", body).status_code == 400


def test_refusals_are_those_of_the_desk(
    two: tuple[Interaction, Interaction], anna: User, bruno: User, carla: User, program: Build, town: Town, write: Write
) -> None:
    target, source = two
    address, body = f"interactions/{target.public_id}/merge/", {"source": str(source.public_id)}
    assert refusal(program(anna).post(address, {**body, "version": 0})) == (409, "stale")
    assert refusal(program(anna).post(address, {"source": str(target.public_id)})) == (409, "cannot-merge")
    assert refusal(program(anna).post(address, {"source": str(write("marco").public_id)})) == (409, "cannot-merge")
    item = work_items.open_item(source)
    assert item is not None
    work_items.claim(item=item, actor=bruno)
    assert refusal(program(anna).post(address, body)) == (409, "not-yours")
    Grant.objects.filter(user=carla).update(office=town.taxes, queue="elsewhere")
    assert program(User.objects.get(pk=carla.pk)).post(address, body).status_code == 404


def test_a_note_mentions_a_colleague_who_reads_of_it(write: Write, anna: User, bruno: User, program: Build) -> None:
    interaction = write("giulia")
    body = {"kind": "note", "text": "Lo sa @bruno", "client_id": "n1"}
    for _twice in range(2):
        assert program(anna).post(f"interactions/{interaction.public_id}/messages/", body).status_code == 201
    his = program(bruno)
    [told] = his.get("notices/").json()["results"]
    assert (told["about"], told["interaction"], told["by"]) == (
        "mentioned", str(interaction.public_id), str(anna.public_id),
    )  # fmt: skip
    assert told["read_at"] is None
    assert his.post("notices/", {"upto": told["id"]}).json() == {"read": 1}
    assert program(anna).get("notices/").json()["results"] == []
    assert Notice.objects.get().read_at is not None


def test_who_may_not_read_it_is_not_mentioned(write: Write, anna: User, ada: User, program: Build) -> None:
    address = f"interactions/{write('giulia').public_id}/messages/"
    assert refusal(program(anna).post(address, {"kind": "note", "text": "@ada?"})) == (409, "cannot-mention")
    assert not Message.objects.filter(direction="note").exists()
