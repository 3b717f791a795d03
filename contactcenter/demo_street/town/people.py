"""The citizens of the week, each known by the addresses they used."""

import hashlib
import unicodedata
from datetime import datetime, timedelta

from contactcenter.demo_street.town import scripts
from contactcenter.demo_street.town.plans import Plan
from contactcenter.demo_street.town.scripts import Person
from crm.models import Citizen, ContactPoint

DOMAIN = "posta.example"
VERIFIED_HOW = "carta d’identità allo sportello"
EVERY_FOURTH = 4  # of the mail addresses was shown at the counter to be theirs


def token(key: str, length: int = 32) -> str:
    """Looks like what a browser or a mail program makes up; always the same for a key."""
    return hashlib.sha256(f"roccaverde {key}".encode()).hexdigest()[:length]


def mailbox(person: Person) -> str:
    plain = unicodedata.normalize("NFKD", f"{person.first_name}.{person.last_name}").encode("ascii", "ignore").decode()
    return f"{plain.replace(' ', '').replace(chr(39), '').lower()}@{DOMAIN}"


class Directory:
    """Makes citizens and contact points in memory; `save` writes them all."""

    def __init__(self) -> None:
        self.citizens: dict[Person, Citizen] = {}
        self.points: dict[tuple[str, str], ContactPoint] = {}
        self.schemes = {row["slug"]: row["writes_from"] for row in scripts.organisation()["account"]}

    def point(self, plan: Plan) -> ContactPoint:
        """The address this conversation came from, with its citizen."""
        scheme = self.schemes[plan.account.slug]
        value = self._value(scheme, plan)
        if (scheme, value) not in self.points:
            citizen = self._citizen(plan.person, plan.opened_at)
            self.points[scheme, value] = ContactPoint(
                citizen=citizen, scheme=scheme, value=value, name=plan.person.name, created_at=plan.opened_at
            )
        return self.points[scheme, value]

    def _citizen(self, person: Person, at: datetime) -> Citizen:
        if person not in self.citizens:
            self.citizens[person] = Citizen(name=person.name, language=person.language, created_at=at)
        return self.citizens[person]

    def _value(self, scheme: str, plan: Plan) -> str:
        if scheme == "mailto":
            return mailbox(plan.person)
        return token(f"{scheme} {plan.key}") if scheme == "visitor" else f"seg-{token(plan.key, 10)}"

    def save(self) -> None:
        mail = [point for point in self.points.values() if point.scheme == "mailto"]
        for point in mail[::EVERY_FOURTH]:
            point.status, point.verified_how = ContactPoint.Status.VERIFIED, VERIFIED_HOW
            point.verified_at = point.created_at - timedelta(days=90)
        Citizen.objects.bulk_create(self.citizens.values())
        ContactPoint.objects.bulk_create(self.points.values())
