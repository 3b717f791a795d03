"""From rows to what an adapter sends."""

from channels_adapters.contract import Address, OutboundFile, OutboundMessage
from contactcenter.files import store
from contactcenter.outbox import letters, tags
from contactcenter.outbox.models import OutboxItem
from crm.models import Attachment, Message

MAX_REFERENCES = 20


def outbound(item: OutboxItem) -> OutboundMessage:
    if item.message is None:
        return letters.outbound(item, item.payload)
    message = item.message
    interaction, point = message.interaction, message.interaction.answers_to
    return OutboundMessage(
        key=str(item.key),
        external_id=message.external_id,
        to=(Address(point.scheme, point.value, point.name),) if point else (),
        text=message.text,
        html=message.html,
        subject=message.subject or interaction.subject,
        thread=interaction.thread,
        tag=tags.sign(interaction.pk),
        references=_references(message),
        files=tuple(_files(message)),
        automatic=bool(message.automatic),
        language=interaction.language,
        author=message.author_name,
    )


def _references(message: Message) -> tuple[str, ...]:
    """External ids of the exchange, oldest first; the last one is what this answers."""
    earlier = Message.objects.filter(
        interaction=message.interaction_id, seq__lt=message.seq, direction__in=["in", "out"]
    ).exclude(state=Message.State.WITHDRAWN)
    known = list(earlier.exclude(external_id="").order_by("seq").values_list("direction", "external_id"))
    ids = [external_id for _direction, external_id in known]
    answered = next((external_id for direction, external_id in reversed(known) if direction == "in"), None)
    if answered is not None:
        ids = [external_id for external_id in ids if external_id != answered] + [answered]
    return tuple(ids if len(ids) <= MAX_REFERENCES else [ids[0], *ids[-(MAX_REFERENCES - 1) :]])


def _files(message: Message) -> list[OutboundFile]:
    return [
        OutboundFile(name=row.name, content_type=row.content_type, body=store.path_of(row).read_bytes())
        for row in message.attachments.exclude(scan=Attachment.Scan.INFECTED)
    ]
