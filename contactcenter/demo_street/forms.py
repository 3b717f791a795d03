"""What a newcomer writes into the pretend mail program."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from contactcenter.demo_street.boxes import LONGEST_NAME, clean
from contactcenter.demo_street.letters import Enclosure
from contactcenter.files import names, sniff

LARGEST_FILE = 3 * 1024 * 1024  # bytes


class AnswerForm(forms.Form):
    """An answer to a mail of the office: name and subject are known."""

    text = forms.CharField(label=_("Your answer"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 6}))
    file = forms.FileField(label=_("A file (if you like)"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if self.is_bound and self.errors.get(name):
                field.widget.attrs |= {"aria-invalid": "true", "aria-describedby": f"id_{name}_error"}

    def clean_text(self) -> str:
        return str(self.cleaned_data["text"]).encode("utf-8", "ignore").decode()

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data.get("file")
        if file is not None and (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(_("This file is larger than 3 MB. Choose a smaller one."))
        return file

    def enclosure(self) -> Enclosure | None:
        file = self.cleaned_data.get("file")
        if file is None:
            return None
        body = file.read()
        return Enclosure(names.clean(file.name or ""), sniff.content_type(body[: sniff.HEAD]), body)


class MailForm(AnswerForm):
    """A new mail to the office."""

    field_order = ("name", "subject", "text", "file")
    name = forms.CharField(
        label=_("Your name"), max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    subject = forms.CharField(label=_("Subject"), max_length=200)
    text = forms.CharField(label=_("Text"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 10}))

    def clean_name(self) -> str:
        return clean(self.cleaned_data["name"])

    def clean_subject(self) -> str:
        return clean_line(self.cleaned_data["subject"])


def clean_line(text: str) -> str:
    """One line without what no header may carry."""
    return " ".join(text.encode("utf-8", "ignore").decode().split())
