"""Says in words what is wrong with this installation."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from contactcenter.administration import inspection


class Command(BaseCommand):
    help = "Says what is wrong with this installation. Exit code 1 when anything must be mended."
    requires_system_checks = []  # it reports what they would refuse

    def handle(self, *args: Any, **options: Any) -> None:
        remarks = list(inspection.look())
        for remark in sorted(remarks, key=lambda one: not one.error):
            self.stdout.write(f"{'ERROR ' if remark.error else 'remark'}  {remark.sentence}")
        errors = sum(remark.error for remark in remarks)
        if not remarks:
            self.stdout.write("All is well.")
        else:
            self.stdout.write(f"{errors} to mend, {len(remarks) - errors} to know.")
        if errors:
            sys.exit(1)
