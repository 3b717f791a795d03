"""Gathers, checks and compiles translations, without GNU gettext."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contactcenter.administration import translations


class Command(BaseCommand):
    help = "Translations of the house: --check says what is missing, --merge folds the parts in, --compile writes .mo."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--merge", action="store_true", help="bring the catalogues up to the code, parts folded in")
        parser.add_argument("--compile", action="store_true", help="write what Django reads")
        parser.add_argument("--check", action="store_true", help="fail when a language lacks something")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["merge"]:
                self._merge()
            if options["compile"]:
                self.stdout.write(f"Compiled {translations.compile_all()} catalogues.")
            self._report(fail=options["check"])
        except ValueError as error:
            raise CommandError(str(error)) from None

    def _merge(self) -> None:
        for root in translations.roots():
            for language in translations.languages():
                if size := translations.merge(root, language):
                    self.stdout.write(f"{root.name} ({language}): {size} messages.")

    def _report(self, *, fail: bool) -> None:
        faults = list(translations.complaints())
        for fault in faults:
            self.stdout.write(fault)
        if faults and fail:
            raise CommandError(f"{len(faults)} translations are missing or wrong. Add them to the catalogues named.")
        self.stdout.write(f"Translations: {len(faults)} missing or wrong.")
