from django.conf import settings
from django.db import migrations, models
from django.utils.text import slugify

LONGEST = 47  # characters of a key, a number behind it not counted


def name_them(apps, schema_editor):
    """Words become outcomes with a key: what was kept under the words is kept under the key from now on."""
    language = settings.LANGUAGE_CODE[:2]
    work_items = apps.get_model("contactcenter", "WorkItem").objects
    for queue in apps.get_model("contactcenter", "Queue").objects.exclude(outcomes=[]):
        keys, named = set(), []
        for word in queue.outcomes:
            base = slugify(word)[:LONGEST].strip("-_") or "outcome"
            key, n = base, 1
            while key in keys:
                n += 1
                key = f"{base}-{n}"
            keys.add(key)
            named.append({"key": key, "names": {language: word}})
            if key != word:
                work_items.filter(queue=queue, outcome=word[:80]).update(outcome=key)
        queue.outcomes = named
        queue.save(update_fields=["outcomes"])


def take_their_words(apps, schema_editor):
    """Back to words, in the house's language; what was kept goes on carrying the key."""
    language = settings.LANGUAGE_CODE[:2]
    for queue in apps.get_model("contactcenter", "Queue").objects.exclude(outcomes=[]):
        queue.outcomes = [
            outcome["names"].get(language) or next(iter(outcome["names"].values())) for outcome in queue.outcomes
        ]
        queue.save(update_fields=["outcomes"])


class Migration(migrations.Migration):
    dependencies = [("contactcenter", "0016_break_reasons")]

    operations = [
        migrations.AddField("workitem", "unfilled", models.BooleanField(default=False)),
        migrations.AddIndex(
            "workitem",
            models.Index(condition=models.Q(("unfilled", True)), fields=["owner"], name="work_unfilled_of_owner"),
        ),
        migrations.AddConstraint(
            "workitem",
            models.CheckConstraint(
                condition=models.Q(("unfilled", False), ("state", "done"), _connector="OR"),
                name="work_item_unfilled_is_done",
            ),
        ),
        migrations.RunPython(name_them, take_their_words),
    ]
