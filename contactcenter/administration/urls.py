from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from contactcenter.administration.pages import channels, deliveries, queues

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/", RedirectView.as_view(pattern_name="settings-channels"), name="settings"),
    path("settings/channels/", channels.index, name="settings-channels"),
    path("settings/channels/new/<slug:kind>/", channels.create, name="settings-channel-new"),
    path("settings/channels/<slug:slug>/", channels.edit, name="settings-channel"),
    path("settings/channels/<slug:slug>/check/", channels.check, name="settings-channel-check"),
    path("settings/undeliverable/", deliveries.index, name="settings-deliveries"),
    path("settings/undeliverable/<int:pk>/", deliveries.show, name="settings-delivery"),
    path("settings/undeliverable/<int:pk>/replay/", deliveries.replay, name="settings-replay"),
    path("settings/undeliverable/<int:pk>/discard/", deliveries.discard, name="settings-discard"),
    path("settings/queues/", queues.index, name="settings-queues"),
    path("settings/queues/<slug:slug>/", queues.edit, name="settings-queue"),
]
