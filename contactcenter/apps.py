from django.apps import AppConfig


class ContactCenterConfig(AppConfig):
    name = "contactcenter"
    label = "contactcenter"
    verbose_name = "Contact centre"

    def ready(self) -> None:
        from contactcenter.push import subscriptions

        subscriptions.listen()
