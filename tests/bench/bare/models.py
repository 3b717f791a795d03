"""The five rows of a minimum ticket system, and the one row of a minimum webhook. Tables are made by `furnish`."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Hook(models.Model):
    objects: ClassVar[models.Manager[Hook]] = models.Manager()
    key = models.CharField(max_length=64, unique=True)
    body = models.BinaryField()

    def __str__(self) -> str:
        return self.key


class Contact(models.Model):
    objects: ClassVar[models.Manager[Contact]] = models.Manager()
    address = models.CharField(max_length=320, unique=True)
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.address


class Case(models.Model):
    objects: ClassVar[models.Manager[Case]] = models.Manager()
    contact = models.ForeignKey(Contact, models.CASCADE)
    subject = models.CharField(max_length=300)
    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.subject


class Interaction(models.Model):
    objects: ClassVar[models.Manager[Interaction]] = models.Manager()
    case = models.ForeignKey(Case, models.CASCADE)
    message_id = models.CharField(max_length=300, unique=True)
    text = models.TextField()

    def __str__(self) -> str:
        return self.message_id


class Attachment(models.Model):
    objects: ClassVar[models.Manager[Attachment]] = models.Manager()
    interaction = models.ForeignKey(Interaction, models.CASCADE)
    name = models.CharField(max_length=200)
    path = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name


class QueueRow(models.Model):
    objects: ClassVar[models.Manager[QueueRow]] = models.Manager()
    case = models.ForeignKey(Case, models.CASCADE)
    who = models.CharField(max_length=200)
    about = models.CharField(max_length=300)
    queued_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.about


TABLES = (Hook, Contact, Case, Interaction, Attachment, QueueRow)
