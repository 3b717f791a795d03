"""What an agent sees: the line, a conversation, the person; how often the house must be asked; what it costs."""

import datetime as dt
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.db.models import F
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from channels_adapters.contract import InboundFile
from contactcenter.accounts.models import ChannelAccount
from contactcenter.desk import work
from contactcenter.outbox import replies, states
from contactcenter.outbox.models import OutboxItem
from contactcenter.queues import rights, work_items
from contactcenter.queues.models import Queue, WorkItem
from crm import cases, citizens, interactions
from crm.models import Attachment, AuditEntry, Case, Interaction, Message, User
from tests.conftest import ROME
from tests.contactcenter.desk.conftest import PART, SignIn, Write, at, heads_of, take
from tests.people import Town

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")


class Reader(HTMLParser):
    """What a browser would run: handlers, and addresses that are programs. Escaped text is only text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.acting: list[tuple[str, str]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name.startswith("on") or (value or "").strip().lower().startswith(("javascript:", "data:text")):
                self.acting.append((tag, name))


def rows_of(html: str) -> list[str]:
    """Names in the lists on the left, from top to bottom."""
    return re.findall(r'<b dir="auto">([^<]*)</b>', html)


@pytest.mark.django_db
def test_who_waits_longest_stands_first_with_sign_language_and_first_words(write: Write, desk: Client) -> None:
    now = timezone.now()
    write("Buongiorno", who="paolo", name="Paolo Neri", at=now - dt.timedelta(minutes=2))
    write("¿Qué documentos necesito?", who="ana", name="Ana Gómez", at=now - dt.timedelta(minutes=9), language="es")
    html = desk.get("/desk/").content.decode()
    assert rows_of(html) == ["Ana Gómez", "Paolo Neri"]
    assert '<span class="lang">ES</span>' in html
    assert "¿Qué documentos necesito?" in html
    assert "2 waiting" in html
    assert "9:0" in html  # the longest wait


@pytest.mark.django_db
def test_a_visitor_without_a_name_is_told_apart_by_a_number(write: Write, desk: Client) -> None:
    found = write("Salve", who="x", name="")
    Interaction.objects.filter(pk=found.pk).update(contact_point=None)
    assert rows_of(desk.get("/desk/").content.decode()) == [f"Visitor {found.citizen_id:04d}"]


@pytest.mark.django_db
def test_above_ninety_nine_the_line_counts_no_further_and_is_read_in_pages(
    write: Write, desk: Client, town: Town, letters: ChannelAccount
) -> None:
    first = write("Primo", who="zero", name="Zero", at=timezone.now() - dt.timedelta(days=3))
    _many_wait(first, town, 120)
    html = desk.get("/desk/").content.decode()
    assert "99+ waiting" in html
    assert len(rows_of(html)) == 50
    seen = rows_of(html)
    for _page in range(2):
        after = re.search(r'data-page="([^"]+)"[^>]*>[^<]*behind', html)
        assert after is not None
        html = desk.get("/desk/mine/", {"after": after[1]}, headers=PART).content.decode()
        seen += rows_of(html)
    assert len(seen) == len(set(seen)) == 121
    assert "behind" not in html


def _many_wait(like: Interaction, town: Town, count: int) -> None:
    opened = timezone.now() - dt.timedelta(days=1)
    made = Interaction.objects.bulk_create(
        Interaction(
            account=like.account, family="written", office=town.front, queue="accoglienza", opened_at=opened,
            contact_point=None, citizen=None, subject=f"n. {n}", preview=f"n. {n}",
        )
        for n in range(count)
    )  # fmt: skip
    for n, one in enumerate(made):
        one.citizen = type(like.citizen).objects.create(name=f"Cittadino {n}", created_at=opened)
    Interaction.objects.bulk_update(made, ["citizen"])
    WorkItem.objects.bulk_create(
        WorkItem(interaction=one, queue=town.front_queue, family="written", queued_at=at, rank_at=at)
        for n, one in enumerate(made)
        for at in [opened + dt.timedelta(seconds=n)]
    )


@pytest.mark.django_db
def test_the_longest_wait_is_true_also_behind_many_urgent_ones(write: Write, desk: Client, town: Town) -> None:
    old = write("Aspetto da giorni", who="old", at=timezone.now() - dt.timedelta(days=4))
    _many_wait(old, town, 110)
    WorkItem.objects.exclude(interaction=old).update(priority=5, rank_at=F("rank_at") - dt.timedelta(days=30))
    assert "longest <time" in desk.get("/desk/").content.decode()
    assert "4 d" in desk.get("/desk/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["x", "1_2", "0_99999999999999999999999_1", "0_1_-5", "\x00", "9" * 300])
def test_a_place_in_line_that_we_never_named_is_the_beginning(place: str, giulia: Interaction, desk: Client) -> None:
    assert desk.get("/desk/mine/", {"after": place}, headers=PART).status_code == 200


@pytest.mark.django_db
def test_the_first_page_costs_few_statements(
    with_anna: Interaction, write: Write, desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(30):
        write("Buongiorno", who=f"n{n}", name=f"N {n}")
    for n in range(20):
        write(f"ancora {n}")
    with django_assert_max_num_queries(30):
        assert desk.get(at(with_anna)).status_code == 200
    with django_assert_max_num_queries(14):
        desk.get("/desk/mine/", headers=PART)


@pytest.mark.django_db
def test_somebody_with_many_queues_sees_one_line_in_order(
    write: Write, anna: User, town: Town, sign_in: SignIn
) -> None:
    first = write("Primo", who="zero", name="Zero", at=timezone.now() - dt.timedelta(days=5))
    _many_wait(first, town, 110)
    queues = [Queue.objects.create(slug=f"coda-{n}", name=f"Coda {n}", office=town.front) for n in range(5)]
    for n, item in enumerate(WorkItem.objects.exclude(interaction=first).order_by("id")):
        item.queue, item.priority = queues[n % 5], n % 2
        item.rank_at = Queue(ageing_seconds=0).rank(item.priority, item.queued_at)
        item.save(update_fields=["queue", "priority", "rank_at"])
    other = Queue.objects.create(slug="altrove", name="Altrove", office=town.taxes)
    WorkItem.objects.filter(pk=WorkItem.objects.latest("id").pk).update(queue=other)
    Interaction.objects.filter(pk=Interaction.objects.latest("id").pk).update(office=town.taxes, queue="altrove")
    line = work.waiting(anna, list(rights.readable(anna)))
    names_ = [row.words for row in line.rows]
    expected = [f"n. {n}" for n in range(1, 100, 2)][:50]
    assert names_ == expected
    assert (line.total, line.longest) == ("99+", WorkItem.objects.get(interaction=first).queued_at)


# --- looking again ---


@pytest.mark.django_db
def test_an_unchanged_part_answers_304_and_a_changed_one_is_sent(
    giulia: Interaction, desk: Client, write: Write
) -> None:
    for address in (at(giulia), "/desk/mine/"):
        first = desk.get(address, headers=PART)
        again = desk.get(address, headers={**PART, "If-None-Match": first["ETag"]})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    write("Entro quanto mi rispondete?")
    for address in (at(giulia), "/desk/mine/"):
        assert "Entro quanto" in desk.get(address, headers={**PART, "If-None-Match": first["ETag"]}).content.decode()


@pytest.mark.django_db
def test_a_part_is_drawn_anew_in_another_language(giulia: Interaction, desk: Client) -> None:
    first = desk.get(at(giulia), headers=PART)
    italian = {**PART, "Accept-Language": "it", "If-None-Match": first["ETag"]}
    assert desk.get(at(giulia), headers=italian).status_code == 200


@pytest.mark.django_db
def test_today_is_yesterday_after_midnight(giulia: Interaction, anna: User, sign_in: SignIn) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 23, 23, 50, tzinfo=ROME), tick=False):
        desk = sign_in(anna)
        first = desk.get(at(giulia), headers=PART)
    with time_machine.travel(dt.datetime(2026, 11, 24, 0, 10, tzinfo=ROME), tick=False):
        assert desk.get(at(giulia), headers={**PART, "If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.django_db
def test_a_name_corrected_elsewhere_is_a_reason_to_look_again(giulia: Interaction, desk: Client, bruno: User) -> None:
    first = desk.get(at(giulia), headers=PART)
    assert giulia.citizen is not None
    citizens.rename(citizen=giulia.citizen, name="Giulia Ferri Conti", actor=bruno)
    again = desk.get(at(giulia), headers={**PART, "If-None-Match": first["ETag"]})
    assert "Giulia Ferri Conti" in again.content.decode()


@pytest.mark.django_db
def test_the_page_says_which_heads_it_was_read_at(giulia: Interaction, desk: Client, anna: User) -> None:
    html = desk.get("/desk/").content.decode()
    assert set(heads_of(html)) == {"queue.accoglienza", f"person.{anna.public_id}"}


@pytest.mark.django_db
def test_following_a_conversation_is_one_look_in_the_record(giulia: Interaction, desk: Client, anna: User) -> None:
    def looks() -> int:
        return AuditEntry.objects.filter(action="interaction.read", actor=anna).count()

    for _n in range(5):
        desk.get(at(giulia), headers=PART)
    assert looks() == 1
    cache.clear()  # half an hour later
    desk.get(at(giulia), headers=PART)
    assert looks() == 2


@pytest.mark.django_db
def test_rights_that_were_withdrawn_end_the_view(giulia: Interaction, desk: Client, anna: User) -> None:
    first = desk.get(at(giulia), headers=PART)
    anna.grants.update(office=None, role="administrator")
    gone = desk.get(at(giulia), headers={**PART, "If-None-Match": first["ETag"]})
    assert gone.status_code == 403
    assert b"TARI" not in gone.content


# --- one conversation ---


@pytest.mark.django_db
def test_messages_notes_and_what_the_house_did_stand_in_order(with_anna: Interaction, desk: Client, anna: User) -> None:
    replies.reply(interaction=with_anna, text="Buongiorno, sono Anna.", actor=anna)
    interactions.note(interaction=with_anna, text="Doppio versamento in cassa.", actor=anna)
    html = desk.get(at(with_anna), headers=PART).content.decode()
    order = [
        "Ho pagato due volte",
        "Waiting in Accoglienza",
        "taken by Anna Bianchi",
        "Buongiorno, sono Anna.",
        "Doppio versamento",
    ]
    places = [html.lower().index(words.lower()) for words in order]
    assert places == sorted(places)
    assert "internal note" in html
    assert "queued" in html


@pytest.mark.django_db
def test_a_long_conversation_is_read_in_pages(giulia: Interaction, desk: Client, write: Write) -> None:
    for n in range(2, 121):
        write(f"riga-{n:03d}")
    html = desk.get(at(giulia), headers=PART).content.decode()
    assert "riga-120" in html
    assert "riga-019" not in html
    before = re.search(r"\?before=(\d+)", html)
    assert before is not None
    earlier = desk.get(at(giulia), {"before": before[1]}, headers=PART).content.decode()
    assert "Ho pagato due volte" in earlier
    assert "riga-120" not in earlier.split('id="flow"')[1].split("</main>")[0]
    assert "Back to the newest" in earlier


@pytest.mark.django_db
@pytest.mark.parametrize("state, words", [("sent", "sent"), ("delivered", "delivered"), ("read", "read")])
def test_what_became_of_an_answer_is_said(
    state: str, words: str, with_anna: Interaction, desk: Client, anna: User
) -> None:
    message = replies.reply(interaction=with_anna, text="Ecco", actor=anna)
    states.advance(message=message, state=state)
    foot = desk.get(at(with_anna), headers=PART).content.decode().split(f'id="m-{message.seq}"')[1]
    assert f"<span>{words}</span>" in foot.split("</article>")[0]


@pytest.mark.django_db
def test_a_failed_answer_says_why_and_can_be_tried_again(with_anna: Interaction, desk: Client, anna: User) -> None:
    message = replies.reply(interaction=with_anna, text="Ecco", actor=anna)
    OutboxItem.objects.filter(message=message).update(state="failed")
    states.advance(message=message, state="failed", reason="The mailbox is full.")
    html = desk.get(at(with_anna), headers=PART).content.decode()
    assert "The mailbox is full." in html
    assert "Try again" in html
    again = desk.post(at(with_anna, f"retry/{message.seq}/"), headers=PART)
    message.refresh_from_db()
    assert (again.status_code, message.state) == (200, "queued")


@pytest.mark.django_db
def test_a_doubtful_answer_asks_before_it_is_sent_again(with_anna: Interaction, desk: Client, anna: User) -> None:
    message = replies.reply(interaction=with_anna, text="Ecco", actor=anna)
    states.advance(message=message, state="unknown")
    html = desk.get(at(with_anna), headers=PART).content.decode()
    assert "Perhaps sent" in html
    assert "Send again all the same" in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    "remark, words",
    [
        ("other-sender", "Somebody else wrote this"),
        ("reply-to-differs", "answers at another address"),
        ("oversize", "too large"),
        ("dmarc=fail", "is not genuine"),
        ("Un file era troppo grande.", "Un file era troppo grande."),
    ],
)
def test_oddities_are_told_in_sentences(remark: str, words: str, giulia: Interaction, desk: Client) -> None:
    giulia.messages.update(remarks=[remark])
    assert words in desk.get(at(giulia), headers=PART).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("remark", ["dmarc=pass", "some-new-code"])
def test_what_needs_no_words_gets_none(remark: str, giulia: Interaction, desk: Client) -> None:
    giulia.messages.update(remarks=[remark])
    assert 'class="remark"' not in desk.get(at(giulia), headers=PART).content.decode()


@pytest.mark.django_db
def test_the_case_stands_beside_with_its_terms(with_anna: Interaction, desk: Client, town: Town, anna: User) -> None:
    case = cases.open(subject="Rimborso", office=town.front, topic=town.refund, citizen=with_anna.citizen, actor=anna)
    cases.link(case=case, interaction=with_anna, actor=anna)
    html = desk.get(at(with_anna), headers=PART).content.decode()
    assert f"Case {case.number}" in html
    assert "Legal term" in html
    assert "TARI › Rimborso" in html


@pytest.mark.django_db
def test_without_an_address_only_notes_can_be_written(giulia: Interaction, desk: Client) -> None:
    WorkItem.objects.update(state="done", ended_at=timezone.now())
    Interaction.objects.update(contact_point=None)
    html = desk.get(at(giulia), headers=PART).content.decode()
    assert "This conversation has no address to answer to." in html
    assert '<input type="hidden" name="as" value="note">' in html


# --- what citizens send is data ---


@pytest.mark.django_db
def test_hostile_words_arrive_as_words(write: Write, desk: Client) -> None:
    evil = '<script>alert(1)</script><img src=x onerror=alert(1)> https://evil.example/"onmouseover="x'
    found = write(evil, name='<b onclick="x">Eva</b>', subject="<svg/onload=alert(1)>")
    html = desk.get(at(found)).content.decode()
    scripts = re.findall(r"<script[^>]*>", html)
    assert all(" src=" in script for script in scripts)
    body = html.split("<body", 1)[1]
    assert "<script" not in body
    assert Reader(html).acting == []
    assert 'rel="nofollow noopener noreferrer" target="_blank"' in body


@pytest.mark.django_db
def test_a_mail_is_shown_in_a_frame_that_runs_and_loads_nothing(write: Write, desk: Client) -> None:
    html = (
        '<p>Buongiorno <b>a tutti</b></p><script>alert(1)</script><img src="https://spy.example/x.png">'
        '<img src="cid:foto1"><a href="javascript:alert(1)">x</a><form action="https://evil.example"><input></form>'
    )
    files = (InboundFile(name="foto.png", body=PNG, content_id="foto1", inline=True),)
    found = write("Buongiorno a tutti", html=html, files=files)
    page = desk.get(at(found), headers=PART).content.decode()
    assert 'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"' in page
    frame = desk.get(at(found, "mail/1/"))
    policy, body = frame["Content-Security-Policy"], frame.content.decode()
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "sandbox allow-same-origin" in policy
    assert "allow-scripts" not in policy + page
    assert "<script" not in body
    assert "<form" not in body
    assert "spy.example" not in body
    assert "javascript:" not in body
    assert "Pictures from other servers are not loaded." in body
    assert f'src="/desk/files/{Attachment.objects.get().public_id}/?show"' in body


@pytest.mark.django_db
def test_an_image_of_a_mail_is_shown_and_anything_else_is_a_download(write: Write, desk: Client) -> None:
    files = (InboundFile(name="foto.png", body=PNG), InboundFile(name="pagina.html", body=b"<html><script>x</script>"))
    write("Ecco", files=files)
    image, page = Attachment.objects.order_by("name")
    shown = desk.get(f"/desk/files/{image.public_id}/?show")
    assert (shown["Content-Type"], shown["Content-Disposition"][:6]) == ("image/png", "inline")
    kept = desk.get(f"/desk/files/{page.public_id}/?show")
    assert (kept["Content-Type"], kept["Content-Disposition"][:10]) == ("application/octet-stream", "attachment")


@pytest.mark.django_db
def test_a_download_is_recorded(write: Write, desk: Client, anna: User) -> None:
    write("Ecco", files=(InboundFile(name="ricevuta.pdf", body=b"%PDF-1.7"),))
    desk.get(f"/desk/files/{Attachment.objects.get().public_id}/")
    assert AuditEntry.objects.filter(action="attachment.read", actor=anna).count() == 1


@pytest.mark.django_db
def test_a_very_long_message_is_folded(write: Write, desk: Client) -> None:
    found = write("parola " * 5000)
    html = desk.get(at(found), headers=PART).content.decode()
    assert "The rest of a long message" in html


@pytest.mark.django_db
def test_pages_allow_no_inline_code(giulia: Interaction, desk: Client) -> None:
    answer = desk.get(at(giulia))
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    html = answer.content.decode()
    assert " style=" not in html
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)


@pytest.mark.django_db
def test_the_desk_weighs_little(giulia: Interaction, desk: Client) -> None:
    html = desk.get(at(giulia)).content
    linked = set(re.findall(r'(?:href|src)="/static/([^"#]+)', html.decode()))
    assert len(linked) <= 11  # and the page itself: twelve requests
    weight = len(html) + sum(Path(str(finders.find(path))).stat().st_size for path in linked)
    assert weight < 250_000


@pytest.mark.django_db
def test_unread_words_are_counted_and_the_title_carries_no_name(
    with_anna: Interaction, write: Write, desk: Client
) -> None:
    write("E poi?")
    html = desk.get("/desk/mine/", headers=PART).content.decode()
    assert 'data-unread="1"' in html
    assert "</span>2</span>" in html
    assert "<title>Sportello</title>" in desk.get(at(with_anna)).content.decode()


@pytest.mark.django_db
def test_the_whole_page_opens_without_htmx_too(with_anna: Interaction, desk: Client) -> None:
    page = desk.get(at(with_anna)).content.decode()
    assert "<!doctype html>" in page
    assert 'method="post"' in page
    assert Message.objects.count() >= 1
    assert Case.objects.count() == 1


@pytest.mark.django_db
def test_what_is_finished_is_shown_as_such(with_anna: Interaction, desk: Client, anna: User, sign_in: SignIn) -> None:
    item = work_items.open_item(with_anna)
    assert item is not None
    work_items.finish(item=item, actor=anna, outcome="answered")
    html = desk.get(at(with_anna), headers=PART).content.decode()
    assert "closed by Anna Bianchi" in html
    assert "This conversation is closed." in html
    with pytest.raises(AssertionError):
        take(with_anna, anna)
