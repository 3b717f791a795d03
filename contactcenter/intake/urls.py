from django.urls import URLPattern, URLResolver, include, path

from contactcenter.intake.webhook import webhook

urlpatterns: list[URLPattern | URLResolver] = [
    path("hooks/<slug:account>/", webhook, name="webhook"),
    path("", include("contactcenter.intake.visitors.urls")),
]
