"""Service mode: what is said at one web process is seen at the other, and answered through the worker they share."""

import pytest
from websockets.sync.client import ClientConnection

from tests.crash.house import House
from tests.crash.pages import Page, desk, heard, said
from tests.crash.waiting import until
from tests.services import free_port


@pytest.mark.services
@pytest.mark.parametrize("house", ["services"], indirect=True)
def test_two_web_processes_and_a_worker_are_one_house(house: House) -> None:
    house.start()
    other_port = another_web_process(house)
    session = house.furnish("agent")
    page = Page(house)
    with page.open() as chat:
        chat.send(said("c-1"))
        heard(chat, "sent")
        ((public_id,),) = house.rows("SELECT public_id FROM crm_interaction")
        topic = f"interaction.{public_id}"
        with desk(other_port, session, topic) as anna:
            chat.send(said("c-2"))
            assert heard(anna, "look")["topic"] == topic

            house.furnish("answer", "Alle otto.")
            assert answer_on(chat) == "Alle otto."
    sent = "SELECT count(*) FROM crm_message WHERE direction = 'out' AND state IN ('sent', 'delivered', 'read')"
    until(lambda: house.number(sent) == 1, 20, f"the worker sent it\n{house.last_words()}")


def another_web_process(house: House) -> int:
    port = free_port()
    house.programs["other web"] = house.asgi("other web", port)
    house.programs["other web"].start()
    until(lambda: house.answers(port), 60, f"the other web process answered\n{house.last_words()}")
    return port


def answer_on(chat: ClientConnection) -> str:
    """The first words on the citizen's page that aren't the citizen's own."""
    while (frame := heard(chat, "msg"))["mine"]:
        pass
    return str(frame["text"])
