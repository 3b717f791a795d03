from django.urls import URLPattern, URLResolver, path

from contactcenter.desk import actions, answers, offers, papers, preferences, presence, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/", views.home, name="desk"),
    path("desk/mine/", views.mine, name="desk-mine"),
    path("desk/shortcuts/", views.shortcuts, name="desk-shortcuts"),
    path("desk/next/", actions.take_next, name="desk-next"),
    path("desk/presence/", presence.change, name="desk-presence"),
    path("desk/offers/<int:pk>/accept/", offers.accept, name="desk-accept"),
    path("desk/offers/<int:pk>/decline/", offers.decline, name="desk-decline"),
    path("desk/files/<uuid:public_id>/", papers.file, name="desk-file"),
    path("desk/c/<uuid:public_id>/", views.talk, name="desk-talk"),
    path("desk/c/<uuid:public_id>/answer/", answers.answer, name="desk-answer"),
    path("desk/c/<uuid:public_id>/take/", actions.take, name="desk-take"),
    path("desk/c/<uuid:public_id>/release/", actions.release, name="desk-release"),
    path("desk/c/<uuid:public_id>/closing/", views.close_form, name="desk-close-form"),
    path("desk/c/<uuid:public_id>/close/", actions.close, name="desk-close"),
    path("desk/c/<uuid:public_id>/transferring/", views.transfer_form, name="desk-transfer-form"),
    path("desk/c/<uuid:public_id>/transfer/", actions.transfer, name="desk-transfer"),
    path("desk/c/<uuid:public_id>/case/", views.case_form, name="desk-case-form"),
    path("desk/c/<uuid:public_id>/case/open/", actions.open_case, name="desk-open-case"),
    path("desk/c/<uuid:public_id>/case/link/", actions.link_case, name="desk-link-case"),
    path("desk/c/<uuid:public_id>/name/", actions.rename, name="desk-rename"),
    path("desk/c/<uuid:public_id>/verify/<int:point>/", actions.verify, name="desk-verify"),
    path("desk/c/<uuid:public_id>/retry/<int:seq>/", actions.retry, name="desk-retry"),
    path("desk/c/<uuid:public_id>/mail/<int:seq>/", papers.mail, name="desk-mail"),
    path("language/", preferences.language, name="language"),
]
