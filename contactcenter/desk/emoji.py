"""A few emoji that read well aloud, each with its name in the languages of the house. One is inserted as a character."""

import unicodedata

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from contactcenter.desk.doors import desk
from crm.models import User

LANGUAGES = ("en", "it", "es", "uk")
# Character | English | Italian | Spanish | Ukrainian
TABLE = """
🙂 | slightly smiling face | faccina sorridente | cara sonriendo levemente | легка усмішка
😊 | smiling face | sorriso con guance rosse | cara feliz sonrojada | усмішка з рум’янцем
😀 | grinning face | sorriso aperto | cara sonriendo | широка усмішка
😄 | laughing face | faccina che ride | cara que ríe | обличчя, що сміється
😂 | tears of joy | lacrime di gioia | lágrimas de alegría | сльози радості
😉 | winking face | occhiolino | guiño | підморгування
😍 | heart eyes | occhi a cuore | ojos de corazón | очі-серця
🤗 | hug | abbraccio | abrazo | обійми
🤔 | thinking face | faccina pensierosa | cara pensativa | замислене обличчя
😐 | neutral face | faccina neutra | cara neutral | нейтральне обличчя
😕 | confused face | faccina confusa | cara confusa | збентежене обличчя
😟 | worried face | faccina preoccupata | cara preocupada | стурбоване обличчя
😢 | crying face | faccina che piange | cara llorando | обличчя, що плаче
😮 | surprised face | faccina sorpresa | cara sorprendida | здивоване обличчя
😴 | sleeping face | faccina che dorme | cara durmiendo | обличчя, що спить
🤒 | ill, with thermometer | malato con termometro | enfermo con termómetro | хворий із термометром
😷 | face with mask | faccina con mascherina | cara con mascarilla | обличчя в масці
👍 | thumbs up | pollice in su | pulgar hacia arriba | великий палець угору
👎 | thumbs down | pollice in giù | pulgar hacia abajo | великий палець униз
👌 | OK hand | va bene | señal de aprobación | жест «гаразд»
👏 | clapping hands | applauso | aplauso | оплески
🙏 | folded hands | mani giunte | manos en oración | складені долоні
🤝 | handshake | stretta di mano | apretón de manos | рукостискання
👋 | waving hand | mano che saluta | mano saludando | вітання рукою
💪 | strong arm | braccio forte | brazo fuerte | сильна рука
👉 | pointing right | indica a destra | señalando a la derecha | вказує праворуч
❤️ | red heart | cuore rosso | corazón rojo | червоне серце
💙 | blue heart | cuore blu | corazón azul | синє серце
💛 | yellow heart | cuore giallo | corazón amarillo | жовте серце
🎉 | party popper | coriandoli | fiesta | святкова хлопавка
🌷 | tulip | tulipano | tulipán | тюльпан
☀️ | sun | sole | sol | сонце
🌧️ | rain | pioggia | lluvia | дощ
❄️ | snowflake | fiocco di neve | copo de nieve | сніжинка
⚡ | lightning | fulmine | rayo | блискавка
🔥 | fire | fuoco | fuego | вогонь
💧 | drop of water | goccia d’acqua | gota de agua | крапля води
🌳 | tree | albero | árbol | дерево
♻️ | recycling | riciclo | reciclaje | переробка
🗑️ | waste bin | cestino | papelera | кошик для сміття
✅ | done, check mark | fatto, segno di spunta | hecho, marca de verificación | зроблено, галочка
❌ | cross mark | croce | cruz | хрестик
❗ | exclamation mark | punto esclamativo | signo de exclamación | знак оклику
❓ | question mark | punto di domanda | signo de interrogación | знак питання
⚠️ | warning | attenzione | advertencia | увага
ℹ️ | information | informazione | información | інформація
📄 | document | documento | documento | документ
📎 | paper clip | graffetta | clip | скріпка
📷 | camera | macchina fotografica | cámara | фотоапарат
📍 | place | luogo | lugar | місце
📅 | calendar | calendario | calendario | календар
⏰ | alarm clock | sveglia | despertador | будильник
⏳ | hourglass | clessidra | reloj de arena | пісковий годинник
📞 | telephone | telefono | teléfono | телефон
✉️ | envelope | busta | sobre | конверт
💶 | euro notes | banconote in euro | billetes de euro | банкноти євро
🏠 | house | casa | casa | дім
🏛️ | public building | edificio pubblico | edificio público | громадська будівля
🏫 | school | scuola | escuela | школа
🏥 | hospital | ospedale | hospital | лікарня
🚌 | bus | autobus | autobús | автобус
🚗 | car | automobile | coche | автомобіль
🚲 | bicycle | bicicletta | bicicleta | велосипед
👶 | baby | neonato | bebé | немовля
👵 | elderly woman | donna anziana | mujer mayor | літня жінка
🐶 | dog | cane | perro | собака
"""
ROWS = [[part.strip() for part in line.split("|")] for line in TABLE.strip().splitlines()]
NAMES = {row[0].rstrip("\ufe0f"): dict(zip(LANGUAGES, row[1:], strict=True)) for row in ROWS}
SHAPING = {"\ufe0f", "\u200d", *map(chr, range(0x1F3FB, 0x1F400))}  # how it is drawn, joins, tones of skin
MOST = 40  # characters; more is no longer a sign but a picture


@desk("GET")
def pick(request: HttpRequest, user: User) -> HttpResponse:
    language = _reader()
    found = [(row[0], NAMES[row[0].rstrip("\ufe0f")][language]) for row in ROWS]
    return render(request, "desk/_emoji.html", {"emoji": found})


def _reader() -> str:
    code = (get_language() or "en")[:2]
    return code if code in LANGUAGES else "en"


def in_words(text: str) -> str:
    """The names of what a message consists of, where that is emoji alone; "" for any other."""
    signs = [sign for sign in text.strip()[: MOST + 1] if sign not in SHAPING and not sign.isspace()]
    if not signs or len(text.strip()) > MOST or not all(_is_emoji(sign) for sign in signs):
        return ""
    language = _reader()
    return ", ".join(
        NAMES[sign][language] if sign in NAMES else unicodedata.name(sign, "emoji").lower() for sign in signs
    )


def _is_emoji(sign: str) -> bool:
    return sign in NAMES or (unicodedata.category(sign) == "So" and ord(sign) > 0x2190)
