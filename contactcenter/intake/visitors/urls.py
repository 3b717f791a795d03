from django.urls import path

from contactcenter.intake.visitors import calls, fallback, pages, views

urlpatterns = [
    path("widget.js", pages.loader, name="widget"),
    path("chat/<slug:account>/", pages.page, name="visitor-page"),
    path("chat/<slug:account>/session/", views.session, name="visitor-session"),
    path("chat/<slug:account>/uploads/", views.uploads, name="visitor-uploads"),
    path("chat/<slug:account>/messages/", fallback.messages, name="visitor-messages"),
    path("chat/<slug:account>/leave/", views.leave, name="visitor-leave"),
    path("chat/<slug:account>/callback/", calls.callback, name="visitor-callback"),
    path("chat/<slug:account>/transcript/", views.transcript, name="visitor-transcript"),
    path("chat/<slug:account>/files/<uuid:public_id>/", views.file, name="visitor-file"),
]
