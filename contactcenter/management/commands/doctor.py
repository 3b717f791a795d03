"""Says in words what is wrong with this installation."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from contactcenter.administration import inspection, wording


class Command(BaseCommand):
    help = "Says what is wrong with this installation. Exit code 1 when anything must be mended."
    requires_system_checks = []  # it reports what they would refuse

    def handle(self, *args: Any, **options: Any) -> None:
        with wording.operators():
            errors = self._tell(list(inspection.look()))
        if errors:
            sys.exit(1)

    def _tell(self, remarks: list[inspection.Remark]) -> int:
        """Says everything, the errors first; returns how many these are."""
        signs = {True: _("ERROR"), False: _("remark")}
        width = max(map(len, signs.values()))
        for remark in sorted(remarks, key=lambda one: not one.error):
            self.stdout.write(f"{signs[remark.error]:{width}}  {remark.sentence}")
        errors = sum(remark.error for remark in remarks)
        if not remarks:
            self.stdout.write(_("All is well."))
        else:
            counts = {"errors": errors, "others": len(remarks) - errors}
            self.stdout.write(_("%(errors)d to mend, %(others)d to know.") % counts)
        return errors
