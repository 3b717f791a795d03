"""/api/v1/: an address stays what it is; what changes its meaning gets a new version beside it."""

from django.urls import URLPattern, URLResolver, include, path

from contactcenter.api import calendars, cases, catalogue, citizens, interactions, schema, work_items

v1: list[URLPattern | URLResolver] = [
    path("citizens/", citizens.Citizens.as_view(), name="citizens"),
    path("citizens/<uuid:id>/", citizens.OneCitizen.as_view(), name="citizen"),
    path("contact-points/", citizens.ContactPoints.as_view(), name="contact-points"),
    path("contact-points/search/", citizens.SearchContactPoints.as_view(), name="contact-points-search"),
    path("cases/", cases.Cases.as_view(), name="cases"),
    path("cases/<uuid:id>/", cases.OneCase.as_view(), name="case"),
    path("interactions/", interactions.Interactions.as_view(), name="interactions"),
    path("interactions/<uuid:id>/", interactions.OneInteraction.as_view(), name="interaction"),
    path("interactions/<uuid:id>/messages/", interactions.MessagesOfOne.as_view(), name="interaction-messages"),
    path("messages/", interactions.Messages.as_view(), name="messages"),
    path("messages/<uuid:id>/", interactions.OneMessage.as_view(), name="message"),
    path("attachments/<uuid:id>/", interactions.FileOfMessage.as_view(), name="attachment"),
    path("work-items/", work_items.WorkItems.as_view(), name="work-items"),
    path("work-items/<uuid:interaction>/claim/", work_items.Claim.as_view(), name="work-item-claim"),
    path("work-items/<uuid:interaction>/release/", work_items.Release.as_view(), name="work-item-release"),
    path("work-items/<uuid:interaction>/close/", work_items.Close.as_view(), name="work-item-close"),
    path("calendars/", calendars.Calendars.as_view(), name="calendars"),
    path("calendars/<slug:slug>/", calendars.OneCalendar.as_view(), name="calendar"),
    path("offices/", catalogue.Offices.as_view(), name="offices"),
    path("queues/", catalogue.Queues.as_view(), name="queues"),
    path("topics/", catalogue.Topics.as_view(), name="topics"),
    path("schema/", schema.Schema.as_view(), name="schema"),
]
urlpatterns: list[URLPattern | URLResolver] = [path("api/v1/", include((v1, "api")))]
