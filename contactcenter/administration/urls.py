from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from contactcenter.administration.pages import agents, calendars, channels, deliveries, queues, rules, skills

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
    path("settings/agents/", agents.index, name="settings-agents"),
    path("settings/agents/<uuid:public_id>/", agents.edit, name="settings-agent"),
    path("settings/agents/<uuid:public_id>/leave/", agents.leave, name="settings-agent-leave"),
    path("settings/agents/<uuid:public_id>/back/", agents.come_back, name="settings-agent-back"),
    path("settings/skills/", skills.index, name="settings-skills"),
    path("settings/skills/<slug:slug>/", skills.edit, name="settings-skill"),
    path("settings/skills/<slug:slug>/remove/", skills.remove, name="settings-skill-remove"),
    path("settings/new/skills/", skills.create, name="settings-skill-new"),
    path("settings/rules/", rules.index, name="settings-rules"),
    path("settings/rules/<int:pk>/", rules.edit, name="settings-rule"),
    path("settings/rules/<int:pk>/move/", rules.move, name="settings-rule-move"),
    path("settings/rules/<int:pk>/remove/", rules.remove, name="settings-rule-remove"),
    path("settings/new/rules/", rules.create, name="settings-rule-new"),
    path("settings/new/queues/", queues.create, name="settings-queue-new"),
    path("settings/calendars/", calendars.index, name="settings-calendars"),
    path("settings/calendars/<slug:slug>/", calendars.edit, name="settings-calendar"),
    path("settings/calendars/<slug:slug>/preview/", calendars.preview, name="settings-calendar-preview"),
    path("settings/calendars/<slug:slug>/remove/", calendars.remove, name="settings-calendar-remove"),
    path("settings/new/calendars/", calendars.create, name="settings-calendar-new"),
    path("settings/new/calendars/preview/", calendars.preview, name="settings-calendar-new-preview"),
]
