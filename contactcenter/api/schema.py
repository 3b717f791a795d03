"""What the OpenAPI schema can't see for itself."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.views import SpectacularAPIView


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "contactcenter.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer"}


class Schema(SpectacularAPIView):
    """The description of this API, as OpenAPI 3. Open to everybody: it tells of no one."""
