"""Cut a text into what was written now, the sign-off and signature below it, and quoted or forwarded layers."""

import re
from dataclasses import dataclass

LENGTH = 1024 * 1024  # characters of one text that are cut; the rest is dropped
SIGNATURE_LINES = 8
MARKED = 4  # signatures and footers below each other
MARKED_LINES = 40  # of one of them
SHORT = 100  # characters of a line that may belong to a signature


@dataclass(frozen=True, slots=True)
class Cut:
    """The three layers of one text."""

    written: str
    signature: str
    quoted: str


# "On Monday Ann wrote:" in the languages that mail programs speak: the verb at the end of the line or near it.
_WROTE = re.compile(
    r"\b(?:wrote|writes|schrieb|schreibt|a écrit|écrit|escribió|escribio|escreveu|ha scritto|schreef|"
    r"napisał|napisała|napisał\(a\)|pisze|napsal|написал|написала|написал\(а\)|пишет|писал|написав|написала|пише|"
    r"yazdı|skrev|kirjoitti|írta|a scris)\b|نوشت|كتب|כתב|写道|書きました|작성",
    re.IGNORECASE,
)
_OPENS = re.compile(r"(?:on|am|le|el|em|il|op|den|dnia|w dniu|в|у|در تاریخ|في|בתאריך)\b|\d", re.IGNORECASE)
_DATED = re.compile(r"[\d۰-۹٠-٩]|@|<")
_ORIGINAL = re.compile(
    r"[-_ *]{2,}+\s*+(?:original message|original appointment|forwarded (?:message|by)|begin forwarded message|"
    r"ursprüngliche nachricht|originalnachricht|original-nachricht|weitergeleitete nachricht|message d'origine|"
    r"message original|message transféré|mensaje original|mensaje reenviado|mensagem original|mensagem encaminhada|"
    r"messaggio originale|messaggio inoltrato|oorspronkelijk bericht|doorgestuurd bericht|"
    r"(?:oryginalna|przekazana) wiadomość|wiadomość (?:oryginalna|przekazana)|исходное сообщение|"
    r"пересылаемое сообщение|пересланное сообщение|вихідне повідомлення|переслане повідомлення|"
    r"özgün ileti|iletilen ileti|ursprungligt meddelande|vidarebefordrat meddelande|"
    r"پیام اصلی|پیام هدایت\u200cشده|الرسالة الأصلية|رسالة معاد توجيهها|הודעה מקורית|הודעה שהועברה)\b",
    re.IGNORECASE,
)
_FORWARDED = frozenset(
    {
        "begin forwarded message:", "anfang der weitergeleiteten nachricht:", "début du message réexpédié :",
        "inicio del mensaje reenviado:", "início da mensagem reencaminhada:", "inizio messaggio inoltrato:",
        "begin doorgestuurd bericht:", "начало переадресованного сообщения:", "vidarebefordrat brev:",
    }
)  # fmt: skip
_FROM = frozenset(
    "from von de da van från fra od от від kimden gönderen من از מאת 发件人 差出人 lähettäjä feladó od:".split()
)
_FIELDS = frozenset(
    (
        "sent date to cc subject reply-to gesendet datum an betreff envoyé date à objet enviado fecha para asunto data "
        "assunto inviato a oggetto verzonden aan onderwerp skickat till ämne wysłano do temat data дата отправлено "
        "кому тема надіслано gönderildi tarih kime konu تاريخ إلى الموضوع التاريخ تاریخ به موضوع נשלח אל נושא "
        "发送时间 收件人 主题 送信日時 宛先 件名 sendt til emne"
    ).split()
)
_RULE = re.compile(r"_{20,}|-{20,}")
_SIGN_OFF = re.compile(
    r"(?:(?:with |my |our )?(?:(?:best|kind|warm|kindest|warmest|many|sincere)(?:est)? )+(?:regards|wishes)|regards|"
    r"best|cheers|sincerely|yours(?: sincerely| truly| faithfully)?|sincerely yours|respectfully(?: yours)?|"
    r"thanks(?: again| so much| in advance)?|many thanks|thank you|all the best|warmly|cordially|"
    r"(?:mit )?(?:freundlichen|besten|herzlichen|vielen|lieben|schönen|viele|liebe|beste|herzliche) "
    r"(?:grüßen?|gruessen?|grüsse|dank)|mfg|hochachtungsvoll|"
    r"(?:bien )?cordialement|sincères salutations|(?:bien )?à vous|salutations distinguées|amicalement|merci|"
    r"(?:un )?(?:cordial saludo|saludos?(?: cordiales)?|abrazo)|atentamente|cordialmente|gracias|"
    r"atenciosamente|att|abraços?|cumprimentos|com os melhores cumprimentos|obrigad[oa]|"
    r"cordiali saluti|distinti saluti|saluti|grazie|"
    r"(?:met )?(?:vriendelijke|hartelijke) groet(?:en)?|groeten|"
    r"(?:z poważaniem|pozdrawiam|z wyrazami szacunku)|"
    r"с уважением|с наилучшими пожеланиями|всего доброго|спасибо|"
    r"з повагою|з найкращими побажаннями|дякую|"
    r"(?:med )?(?:vänliga|vennlig|venlig) hilsen(?:er)?|med vänlig hälsning|hälsningar|"
    r"saygılarımla|iyi çalışmalar|selamlar|"
    r"با احترام|با تشکر|ارادتمند|ممنون|مع (?:خالص )?(?:التحية|تحياتي|التحيات)|تحياتي|وتفضلوا بقبول فائق الاحترام|"
    r"בברכה|בכבוד רב|תודה)[ ,.!\-–—،]*",
    re.IGNORECASE,
)
_MOBILE = re.compile(
    r"(?:sent from (?:my|mail|yahoo|outlook|proton)|get outlook for|sent with (?:proton|tutanota)|"
    r"von meinem .{1,30} gesendet|"
    r"gesendet von|envoyé (?:de|depuis) mon|enviado desde mi|enviado do meu|inviato da|"
    r"verzonden vanaf mijn|verstuurd vanaf mijn|"
    r"отправлено (?:с|из)|надіслано з|wysłane z|iphone'umdan gönderildi|skickat från|ارسال شده از|أرسلت من|נשלח מה)",
    re.IGNORECASE,
)


def cut(text: str) -> Cut:
    """Cut a text into its layers. Linear in its length.

    Below an attribution or a header block everything is quoted, unless the quotation is marked with `>`: then only
    marked lines are, and answers between them count as written.
    """
    lines = text[:LENGTH].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    written: list[str] = []
    quoted: list[str] = []
    for number, line in enumerate(lines):
        stripped = line.strip()
        if not stripped:
            written.append("")
            continue
        first = stripped[0]
        if first == ">":
            quoted.append(line)
            continue
        begin = None
        if first in "-_*" or ":" in stripped[:24] or stripped[-1] in ":：*":
            begin = _layer(lines, number, stripped, first)
        if begin is None:
            written.append(line.rstrip())
            continue
        if begin:  # an attribution that was broken over lines
            quoted.extend(written[-begin:])
            del written[-begin:]
        quoted.append(line)
        if not _is_marked(lines, number + 1):
            quoted.extend(lines[number + 1 :])
            break
    body, signature = _sign(written)
    return Cut("\n".join(body).strip(), "\n".join(signature).strip(), "\n".join(quoted).strip())


def has_mark(quoted: str) -> bool:
    """Tell whether a quoted text says that it is one: `>`, an attribution, a header block or a forward mark."""
    lines = quoted[:LENGTH].split("\n")
    return any(
        stripped[0] == ">" or _layer(lines, number, stripped, stripped[0]) is not None
        for number, line in enumerate(lines[:2_000])
        if (stripped := line.strip())
    )


def _layer(lines: list[str], number: int, stripped: str, first: str) -> int | None:
    """Tell whether a quoted layer begins with this line: how many lines above belong to it, or None."""
    last = stripped[-1]
    if last in ":：" or stripped.endswith(":*"):
        if stripped.lower() in _FORWARDED:
            return 0
        if _WROTE.search(stripped) and (above := _attribution(lines, number)) is not None:
            return above
    if first in "-_*" and (_ORIGINAL.match(stripped) or (_RULE.fullmatch(stripped) and _is_block(lines, number + 1))):
        return 0
    return 0 if _field(stripped) in _FROM and _is_block(lines, number) else None


def _attribution(lines: list[str], number: int) -> int | None:
    """Tell how many lines above this one, which says that somebody wrote, belong to the attribution, if it is one."""
    joined = ""
    found = None
    for above in range(min(3, number + 1)):
        line = lines[number - above].strip()
        joined = f"{line} {joined}"
        if not line or line[0] == ">" or len(joined) > 400:
            break
        if _DATED.search(joined):
            found = above if found is None or _OPENS.match(line) else found
            if _OPENS.match(line):
                break
    return found


def _is_block(lines: list[str], number: int) -> bool:
    """Tell whether a block of From, Sent, To, Subject begins here, as Outlook and others put above what they quote."""
    while number < len(lines) and not lines[number].strip():
        number += 1
        if number % 8 == 0:
            break
    names = [_field(line) for line in lines[number : number + 8]]
    return bool(names) and names[0] in _FROM and sum(name in _FIELDS for name in names[1:]) >= 2


def _field(line: str) -> str:
    start = line[:40].replace("*", "").strip()
    return start.partition(":")[0].strip().lower() if ":" in start else ""


def _is_marked(lines: list[str], number: int) -> bool:
    """Tell whether the next line that is not blank is marked with `>`."""
    for line in lines[number : number + 4]:
        if stripped := line.strip():
            return stripped[0] == ">"
    return False


def _sign(written: list[str]) -> tuple[list[str], list[str]]:
    """Cut the sign-off and signature off the end of what was written."""
    marked: list[str] = []  # below a line `--`, of the author or of a list
    for _ in range(MARKED):
        while written and not written[-1]:
            written.pop()
        if "--" not in written:
            break
        last = len(written) - 1 - written[::-1].index("--")
        if not last or len(written) - last > MARKED_LINES:
            break
        marked = [*written[last:], *marked]
        written = written[:last]
    while written and not written[-1]:
        written.pop()
    short = below = 0
    best = len(written)
    for number in range(len(written) - 1, -1, -1):
        line = written[number]
        if not line:
            continue
        if short > SIGNATURE_LINES or len(line) > SHORT:
            break
        if _MOBILE.match(line.lstrip()):
            best = number
        elif number and _SIGN_OFF.fullmatch(line.strip()):
            best = number
            break
        short += 1
        below += 1
    return written[:best], [*written[best:], *marked]
