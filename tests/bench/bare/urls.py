from django.urls import path

from tests.bench.bare import views

urlpatterns = [
    path("healthz", views.alive),
    path("hook/", views.hook),
    path("cases/", views.cases),
    path("rows/", views.rows),
]
