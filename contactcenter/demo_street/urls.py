from django.urls import URLPattern, URLResolver, path

from contactcenter.demo_street import mailbox, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("demo/", views.street, name="demo-street"),
    path("demo/desk-state/", views.desk_state, name="demo-desk-state"),
    path("demo/town/", views.town, name="demo-town"),
    path("demo/mail/", mailbox.mailbox, name="demo-mailbox"),
    path("demo/mail/news/", mailbox.news, name="demo-mail-news"),
    path("demo/mail/write/", mailbox.write, name="demo-mail-write"),
    path("demo/mail/<uuid:public_id>/", mailbox.mail, name="demo-mail"),
    path("demo/mail/<uuid:public_id>/source/", mailbox.source, name="demo-mail-source"),
    path("demo/mail/<uuid:public_id>/files/<int:number>/", mailbox.enclosure, name="demo-mail-file"),
]
