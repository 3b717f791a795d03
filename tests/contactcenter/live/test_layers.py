"""The one-process channel layer under load: several threads broadcast at once, and nothing is lost or late."""

import asyncio
import threading
import time

from contactcenter.live.layers import OneProcessLayer

SENDERS, EACH = 4, 500


async def test_nothing_is_lost_when_four_threads_broadcast_at_once() -> None:
    layer = OneProcessLayer(capacity=10_000)
    channels = [await layer.new_channel() for _n in range(5)]
    for channel in channels:
        await layer.group_add("queue.tributi", channel)

    def broadcast(name: int) -> None:
        async def all_of_it() -> None:
            for n in range(EACH):
                await layer.group_send("queue.tributi", {"type": "look", "from": name, "n": n})

        asyncio.run(all_of_it())

    threads = [threading.Thread(target=broadcast, args=(name,)) for name in range(SENDERS)]
    receiving = [asyncio.create_task(_receive(layer, channel, SENDERS * EACH)) for channel in channels]
    await asyncio.sleep(0)
    for thread in threads:
        thread.start()
    heard = await asyncio.wait_for(asyncio.gather(*receiving), timeout=60)
    for messages in heard:
        assert {(message["from"], message["n"]) for message in messages} == {
            (name, n) for name in range(SENDERS) for n in range(EACH)
        }
        for name in range(SENDERS):
            assert [m["n"] for m in messages if m["from"] == name] == list(range(EACH)), "in the order they were sent"


async def _receive(layer: OneProcessLayer, channel: str, count: int) -> list[dict[str, int]]:
    return [await layer.receive(channel) for _n in range(count)]


async def test_a_receiver_is_woken_at_once_by_another_thread() -> None:
    layer = OneProcessLayer()
    channel = await layer.new_channel()
    await layer.group_add("queue.tributi", channel)
    waiting = asyncio.create_task(layer.receive(channel))
    await asyncio.sleep(0)
    began = time.monotonic()
    sender = threading.Thread(target=lambda: asyncio.run(layer.group_send("queue.tributi", {"type": "look"})))
    sender.start()
    await asyncio.wait_for(waiting, timeout=5)
    assert time.monotonic() - began < 1.0  # the stock layer sleeps until something else happens
    await asyncio.to_thread(sender.join)  # it waits for this very loop


def test_a_new_loop_becomes_home_when_the_old_one_is_closed() -> None:
    layer = OneProcessLayer()

    async def one_round() -> dict[str, str]:
        channel = await layer.new_channel()
        await layer.group_add("queue.tributi", channel)
        await layer.group_send("queue.tributi", {"type": "look"})
        found: dict[str, str] = await layer.receive(channel)
        return found

    assert [asyncio.run(one_round()), asyncio.run(one_round())] == [{"type": "look"}] * 2


async def test_what_another_thread_tells_reaches_every_member_of_its_group_in_order() -> None:
    layer = OneProcessLayer()
    channels = [await layer.new_channel() for _n in range(3)]
    for channel in channels[:2]:
        await layer.group_add("queue.tributi", channel)
    await layer.group_add("person.anna", channels[2])
    receiving = [asyncio.create_task(_receive(layer, channel, 2)) for channel in channels[:2]]
    receiving.append(asyncio.create_task(_receive(layer, channels[2], 1)))
    await asyncio.sleep(0)
    said = [("queue.tributi", {"type": "look", "n": 1}), ("person.anna", {"type": "look", "n": 2})]
    said += [("queue.tributi", {"type": "look", "n": 3}), ("nobody", {"type": "look", "n": 4})]
    await asyncio.to_thread(layer.tell, said)
    heard = await asyncio.wait_for(asyncio.gather(*receiving), timeout=5)
    assert [[message["n"] for message in messages] for messages in heard] == [[1, 3], [1, 3], [2]]


async def test_a_listener_who_does_not_read_loses_messages_and_stops_nobody() -> None:
    layer = OneProcessLayer(capacity=2)
    channel = await layer.new_channel()
    await layer.group_add("queue.tributi", channel)
    layer.tell([("queue.tributi", {"type": "look", "n": n}) for n in range(5)])
    await asyncio.sleep(0)
    assert [(await layer.receive(channel))["n"] for _n in range(2)] == [0, 1]
