import uuid

from django.db import models


class DemoMail(models.Model):
    """A mail in a newcomer's pretend mailbox. It was really composed and really sent, and never left this machine."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    box = models.CharField(max_length=320)  # address of the newcomer
    from_office = models.BooleanField()
    raw = models.BinaryField()
    at = models.DateTimeField()
    seen = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["box", "-id"], name="demo_mail_of_box")]

    def __str__(self) -> str:
        return f"demo mail {self.public_id}"
