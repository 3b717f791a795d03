"""What stands around every page of the desk."""

from contactcenter.desk import names
from crm import access
from crm.models import User


def around(user: User) -> dict[str, object]:
    """Whose page it is, of which office, and which other places they may go to."""
    offices = {grant.office_id for grant in access.grants(user) if grant.office_id is not None}
    return {
        "me": user,
        "desk": True,
        "office_name": names.office(offices.pop()) if len(offices) == 1 else "",
        "may_set_up": access.may(user, "settings.change"),
        "may_lead": access.may(user, "presence.force"),
    }
