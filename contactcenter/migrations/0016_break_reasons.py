from django.db import migrations, models

# What used to be written in the code, in the order of the menu.
REASONS = [
    ("pause", {"it": "pausa", "en": "pause", "es": "pausa", "uk": "пауза"}),
    ("lunch", {"it": "pranzo", "en": "lunch", "es": "almuerzo", "uk": "обід"}),
    ("meeting", {"it": "riunione", "en": "meeting", "es": "reunión", "uk": "нарада"}),
    ("training", {"it": "formazione", "en": "training", "es": "formación", "uk": "навчання"}),
    ("paperwork", {"it": "pratiche d'ufficio", "en": "paperwork", "es": "trámites", "uk": "паперова робота"}),
    ("counter", {"it": "allo sportello", "en": "at the counter", "es": "en ventanilla", "uk": "за стійкою"}),
    (
        "technical",
        {"it": "problemi tecnici", "en": "technical trouble", "es": "problemas técnicos", "uk": "технічні проблеми"},
    ),
]


def seed(apps, schema_editor):
    reasons = apps.get_model("contactcenter", "BreakReason").objects
    for position, (slug, names) in enumerate(REASONS, start=1):
        reasons.get_or_create(slug=slug, defaults={"names": names, "position": position})


class Migration(migrations.Migration):
    dependencies = [("contactcenter", "0015_offer_lasts")]

    operations = [
        migrations.CreateModel(
            name="BreakReason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=30, unique=True)),
                ("names", models.JSONField(default=dict)),
                ("active", models.BooleanField(default=True)),
                ("position", models.PositiveSmallIntegerField()),
            ],
            options={
                "verbose_name": "reason for a break",
                "verbose_name_plural": "reasons for a break",
                "ordering": ["position", "id"],
            },
        ),
        migrations.AlterField(
            model_name="presence",
            name="reason",
            field=models.CharField(blank=True, default="", max_length=30),
        ),
        migrations.AlterField(
            model_name="presence",
            name="break_next",
            field=models.CharField(blank=True, max_length=30, null=True),
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
