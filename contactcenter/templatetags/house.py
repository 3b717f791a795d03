"""How the house writes times, sizes and signs. The desk's `clock.js` ticks on with the same words."""

from datetime import date, datetime, timedelta
from functools import cache, lru_cache

from django import template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import escape, format_html, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_info, gettext as _, pgettext

from contactcenter.files import sniff

register = template.Library()
MINUTE, HOUR, DAY = 60, 3600, 86_400
REMEMBERED = 4096  # instants whose words are kept


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """A sign of our sprite. It never stands alone: a word or a label goes with it."""
    return format_html(
        '<svg class="i" aria-hidden="true"><use href="{}#{}"></use></svg>', static("house/icons.svg"), name
    )


@register.filter
def shown_as(content_type: str) -> str:
    """How a page may show a file besides offering it: "picture", "sound", "paper", "text", or ""."""
    return sniff.shown_as(content_type)


def elapsed(seconds: float) -> str:
    """0:48, 12:05, 5 h, 2 d."""
    whole = max(0, int(seconds))
    if whole < HOUR:
        return f"{whole // MINUTE}:{whole % MINUTE:02d}"
    if whole < DAY:
        return f"{whole // HOUR} {pgettext('hours', 'h')}"
    return f"{whole // DAY} {pgettext('days', 'd')}"


@register.filter
def since(at: datetime | None) -> str:
    """How long ago, as a clock shows it."""
    return elapsed((timezone.now() - at).total_seconds()) if at else ""


@register.filter
def hour(at: datetime | None) -> str:
    """10:31, in the town's own zone."""
    return formats.time_format(timezone.localtime(at), "H:i") if at else ""


@register.filter
def exact(at: datetime | None) -> str:
    """The whole instant, for a title and for screen readers."""
    return _exact(timezone.localtime(at), get_language(), timezone.get_current_timezone_name()) if at else ""


@lru_cache(REMEMBERED)
def _exact(local: datetime, language: str | None, zone: str) -> str:
    """The same instants are shown all day: who waits, what was said."""
    return formats.date_format(local, "DATETIME_FORMAT")


def _date(day_: date, form: str) -> str:
    """Only English writes its months with a capital."""
    words = formats.date_format(day_, form)
    return words if (get_language() or "").startswith("en") else words.lower()


@register.filter
def day(at: datetime | None) -> str:
    """today, 21 November · yesterday · 4 November · 4 November 2025."""
    if at is None:
        return ""
    today, then = timezone.localdate(), timezone.localtime(at).date()
    words = _date(then, "j F" if then.year == today.year else "j F Y")
    if then == today:
        return _("today, %(day)s") % {"day": words}
    return _("yesterday, %(day)s") % {"day": words} if then == today - timedelta(days=1) else words


@register.filter
def short_day(at: datetime | None) -> str:
    """4 nov, or 4 nov 2025."""
    if at is None:
        return ""
    then = timezone.localtime(at).date()
    return _date(then, "j M" if then.year == timezone.localdate().year else "j M Y")


@register.filter
def due(at: datetime | None) -> str:
    """today, 12:00 · tomorrow, 12:00 · 20 Jan 2027."""
    if at is None:
        return ""
    local, today = timezone.localtime(at), timezone.localdate()
    if local.date() == today:
        return _("today, %(time)s") % {"time": hour(at)}
    if local.date() == today + timedelta(days=1):
        return _("tomorrow, %(time)s") % {"time": hour(at)}
    return _date(local.date(), "j M Y")


@register.filter
def due_hour(at: datetime | None) -> str:
    """today, 12:00 · tomorrow, 12:00 · 20 Jan 2027, 12:00."""
    words = due(at)
    return words if not at or words.endswith(hour(at)) else f"{words}, {hour(at)}"


@register.filter
def lateness(at: datetime | None) -> str:
    """ "bad" when it is past, "warn" within a day, else ""."""
    if at is None:
        return ""
    left = (at - timezone.now()).total_seconds()
    return "bad" if left < 0 else ("warn" if left < DAY else "")


@register.filter
def linked(text: str) -> SafeString:
    """A citizen's words as text; addresses in them open elsewhere and tell nobody where from."""
    made = urlize(escape(text), nofollow=True) if "://" in text or "www." in text or "@" in text else escape(text)
    # Escaped text holds no bare quotes: what this replaces is only what `urlize` wrote.
    safe = str(made).replace('rel="nofollow"', 'rel="nofollow noopener noreferrer" target="_blank"')
    return mark_safe(safe)  # nosec B308 B703


@register.filter
def initials(name: str) -> str:
    return "".join(word[0] for word in str(name).split()[:2] if word[0].isalnum()).upper() or "?"


@register.filter
def tongue(code: str) -> str:
    """The name of a language in the reader's own, else its code."""
    try:
        return str(get_language_info(code[:2].lower())["name_translated"]).lower()
    except KeyError:
        return code.upper()
