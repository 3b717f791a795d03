"""Who is asking: a program by its token. (A person's browser session is the framework's own way in.)"""

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from contactcenter.api import tokens
from contactcenter.api.models import ApiToken
from contactcenter.intake import caps
from crm.models import User

WRONG_PER_SOURCE = (60, 60)  # refused keys per seconds


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer spt_…`"""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() not in {"bearer", "token"}:
            return None
        token = tokens.recognise(key.strip())
        if token is None:
            _count_refusal(request)
            raise AuthenticationFailed(_("This token is unknown, expired or withdrawn. Ask an administrator for one."))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _count_refusal(request: Request) -> None:
    try:
        caps.cap(f"api-refused:{caps.source(request)}", *WRONG_PER_SOURCE)
    except caps.TooMany as error:
        raise Throttled(wait=error.retry_after) from None
