"""The addresses of what is printed. Each print is recorded with its hash, so that a sheet of paper can be recognised."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from contactcenter.desk import conversation
from contactcenter.desk.doors import desk
from contactcenter.desk.printing import contents, sheet
from contactcenter.desk.printing.document import Document
from crm import access, audit
from crm.models import Case, Citizen, User


@desk("GET")
def talk(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """One conversation as a PDF."""
    interaction = conversation.open(user, public_id)
    document = contents.of_conversation(interaction)
    subject = f"interaction:{interaction.public_id}"
    return _printed(document, user, "interaction.printed", subject, interaction.citizen, str(interaction.public_id)[:8])


@desk("GET")
def case(request: HttpRequest, user: User, number: str) -> HttpResponse:
    """Everything about a case, as far as the person may see it, as a PDF."""
    found = access.get(user, Case.objects.select_related("citizen"), number=number)
    return _printed(
        contents.of_case(user, found), user, "case.printed", f"case:{found.public_id}", found.citizen, found.number
    )


def _printed(
    document: Document, user: User, action: str, subject: str, citizen: Citizen | None, name: str
) -> HttpResponse:
    """Shown by the browser, which also prints and saves it; no name of a person stands in the file's."""
    content, pages = sheet.draw(document, by=user.display_name, at=timezone.now())
    audit.record(
        action, subject=subject, actor=user, citizen=citizen.public_id if citizen else None,
        data={"sha256": document.seal, "pages": pages},
    )  # fmt: skip
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="sportello-{name}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
