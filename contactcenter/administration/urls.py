from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from contactcenter.administration.pages import calendars, channels, deliveries, queues

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
    path("settings/queues/<slug:slug>/emergency/", queues.emergency, name="settings-queue-emergency"),
    path("settings/new/queues/", queues.create, name="settings-queue-new"),
    path("settings/calendars/", calendars.index, name="settings-calendars"),
    path("settings/calendars/<slug:slug>/", calendars.edit, name="settings-calendar"),
    path("settings/calendars/<slug:slug>/preview/", calendars.preview, name="settings-calendar-preview"),
    path("settings/calendars/<slug:slug>/remove/", calendars.remove, name="settings-calendar-remove"),
    path("settings/new/calendars/", calendars.create, name="settings-calendar-new"),
    path("settings/new/calendars/preview/", calendars.preview, name="settings-calendar-new-preview"),
]
