from typing import Any

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer


class Echo(AsyncWebsocketConsumer):
    """What one socket of a room says, every socket of the room hears: once through the channel layer, nothing else."""

    async def connect(self) -> None:
        self.room = f"echo.{self.scope['url_route']['kwargs']['room']}"
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.room, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.channel_layer.group_send(self.room, {"type": "said", "text": text_data or ""})

    async def said(self, event: dict[str, Any]) -> None:
        await self.send(text_data=event["text"])


class LeanEcho(Echo):
    """The same without what Channels does around every event, as the product's own sockets leave it out."""

    async def dispatch(self, message: dict[str, Any]) -> None:
        await getattr(self, get_handler_name(message))(message)
