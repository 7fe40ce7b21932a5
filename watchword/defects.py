"""Every kind of defect, with the sentence that the report and docs/defects.md show. A kind not listed here is a bug."""

DEFECTS: dict[str, str] = {
    # ---- containers (room `read`)
    "mbox-no-empty-line": "No empty line stands before the message's separator line in the mailbox file: "
    "perhaps this is text inside another message, put there to look like a message.",
    "mbox-nul-run": "Zero bytes stand beside the message in the mailbox file, as after a crash while it was written.",
    "mbox-cut-short": "The mailbox file ends in the middle of a line: its last message is cut short.",
    "mbox-quoting-ambiguous": "A line begins with `>From `, and nothing tells whether the mailbox file added the `>`.",
    "mbox-quoting-signed": "Lines begin with `>From `, and a signature over the body tells which `>` the mailbox file "
    "had added.",
    "message-too-long": "The message is longer than 64 MB; only its beginning is looked at.",
    "archive-cut-short": "The archive breaks off or is damaged inside this message.",
    "rebuilt": "The mail program that kept the message did not keep its bytes; they were put together again, so that "
    "signatures over its body prove nothing.",
    "outlook-damaged": "The message as Outlook kept it is damaged; what could be read of it was read.",
    "outlook-limit": "The message as Outlook kept it holds more, or is nested deeper, than is read.",
    "outlook-sender-differs": "Outlook shows a sender whose address stands in neither From nor Sender of the header "
    "that the server delivered.",
    "rtf-differs": "The message's RTF text has other words than its HTML text; programs differ in which they show.",
    "emlx-cut-short": "The file that Apple Mail kept is shorter than it says; the message is cut short.",
    "attachment-put-back": "The mail program kept an attachment in a file of its own; it was put back, so that "
    "signatures over the body may not fit.",
    "attachment-not-kept": "An attachment was cut out by the program that kept the message, and is not there.",
    # ---- messages (room `parse`)
    # How the message begins
    "byte-order-mark": "The message begins with a byte order mark, which hides its first field from some programs.",
    "envelope-line": "The separator line of a mailbox file still stands on top of the message.",
    "blank-line-before-header": "An empty line stands before the header; strictly read, the message has no header.",
    "bare-cr-message": "Lines end in a bare CR, so that some programs see a single line.",
    # Header
    "blank-before-colon": "A blank stands between a field's name and its colon; some programs ignore such a field.",
    "nul-in-header": "A NUL byte stands in the header; some programs stop reading there.",
    "bare-cr-in-header": "A bare CR stands in a header field; some programs read what follows as another line.",
    "blank-line-in-header": "A line of blanks stands inside the header; some programs end the header there.",
    "blank-line-ends-header": "A line of blanks, not an empty one, ends the header; some programs read on.",
    "line-in-header": "A line that is no header field stands inside the header.",
    "header-without-end": "The header ends in the middle, at a line that is no header field, without an empty line.",
    "field-twice": "A header field that a message has at most once (RFC 5322 3.6) stands there several times.",
    "from-missing": "The message has no From field.",
    "two-from-fields": "The message has several From fields; programs differ in which one they show and check.",
    "several-from-addresses": "From holds several addresses; programs differ in which one they show and check.",
    # Structure
    "content-type-unreadable": "Content-Type cannot be read, so the part counts as plain text.",
    "content-type-twice": "Content-Type stands twice; programs differ in which one they follow.",
    "transfer-encoding-twice": "Content-Transfer-Encoding stands twice and differs; programs decode different texts.",
    "transfer-encoding-unclean": "Content-Transfer-Encoding is written such that some programs do not know it.",
    "file-names-differ": "The file has several names; programs differ in which one they show.",
    "two-boundaries": "Two boundaries are declared; programs cut the message into different parts.",
    "boundary-missing": "A multipart message declares no boundary.",
    "boundary-wrong": "A multipart message declares a boundary that does not occur, and begins with another, by which "
    "it was read.",
    "boundary-reused": "An enclosed multipart uses the boundary of an outer one.",
    "multipart-without-parts": "A multipart message has no parts, so it is shown as text.",
    "multipart-not-closed": "A multipart message has no closing delimiter; it may have been cut off.",
    "delimiter-after-end": "The closing delimiter of a multipart stands twice.",
    "parts-after-end": "Parts follow after the closing delimiter; some programs show them.",
    "preamble": "Text stands before the first part; some programs show it.",
    "epilogue": "Text stands after the last part; some programs show it.",
    "uuencode": "A uuencoded file stands inside a text.",
    "nested-message-encoded": "An enclosed message is transfer-encoded; few programs look into it.",
    "nested-message-not-encoded": "An enclosed message says that it is transfer-encoded, but is not.",
    "message-partial": "The message is one piece of a longer one that a program puts together (RFC 2046 5.2.2).",
    "message-external-body": "The content lies elsewhere and is fetched on opening (RFC 2046 5.2.3).",
    # Content
    "transfer-encoding-unknown": "The transfer encoding is unknown, so the content is taken as it stands.",
    "base64-after-padding": "Base64 goes on after its padding; some programs stop there, some read on.",
    "text-after-base64": "Plain text follows a base64 body, as mailing lists add it; it was read apart from it.",
    "base64-cut-short": "Base64 ends in the middle of a group; the content may have been cut off.",
    "base64-junk": "Base64 holds letters that do not belong there.",
    "quoted-printable-blank": "Blanks or a bare CR follow a soft line break; programs decode different texts.",
    "charset-missing": "The text is not ASCII and no charset is declared.",
    "charset-unknown": "The declared charset is unknown or no charset at all.",
    "charset-wrong": "The text does not fit its declared charset.",
    "charset-utf-7": "The text is in UTF-7, which browsers no longer read because it can hide markup.",
    # Limits
    "limit-depth": "Parts are nested deeper than the limit; what lies deeper was taken as text.",
    "limit-defects": "The message has more defects than the limit; the rest is not listed.",
    "limit-parts": "The message has more parts than the limit; the rest was not cut into parts.",
    "limit-headers": "The header has more fields than the limit; the rest was not read.",
    "limit-header-bytes": "A header field is longer than the limit; its end was not read.",
    "limit-header-block": "A header is longer than the limit; its end was not read.",
    "limit-addresses": "A header field holds more addresses than the limit; the rest was not read.",
    "limit-decoded": "A part is longer than the limit after decoding; its end was not read.",
    # ---- facts (room `observe`)
    "not-observed": "One kind of fact could not be taken from this message: a fault of this program, please report it.",
    "limit-authentication-results": "There are more authentication results than are read.",
    "limit-signatures": "There are more signatures than are listed.",
    "results-below-border": "Authentication results in the receiving provider's name, but other than its own, stand "
    "below the point where the message entered it: from an earlier delivery, or forged. They are not trusted.",
    "results-unclosed": "A comment or quotation in the authentication results does not end; what follows is not read.",
    "html-by-pattern": "The HTML is built so that reading it properly would take very long. Links and text were taken "
    "by pattern; hidden text could not be told from visible text.",
    "file-not-read": "A file could not be looked into: a fault of this program, please report it.",
    "limit-file-read": "A file is longer than is read of its kind; its end was not read.",
    "limit-script-layers": "Scripts are coded in more layers than are read.",
    "limit-texts": "There are more text parts than are read.",
    "alternatives-differ": "The plain and the HTML version of the text have links, but none to the same organisation: "
    "programs that show different versions lead to different places.",
    "limit-links": "There are more links than are listed.",
    "file-stopped-reader": "Reading a file took too long or too much memory, or killed the process that read it, which "
    "has limits for that; what was found up to then counts.",
    "file-unreadable": "A file cannot be read as the kind that it begins as; most programs will not open it either.",
    "limit-pixels": "A picture has more than 40 million pixels; it was not searched for codes.",
    "limit-images": "There are more pictures than are searched for codes.",
    "limit-pages": "A document has more pages than are read.",
    # Archives
    "archive-damaged": "An archive, or a file in it, breaks off or is damaged; what could be read of it counts.",
    "archive-no-directory": "A zip has no directory; some programs open it all the same, others do not.",
    "archive-behind-file": "An archive stands behind a file of another kind: who opens it as that sees nothing of it.",
    "archive-data-behind": "Bytes follow behind the end of an archive.",
    "archive-entry-hidden": "A file lies in an archive that its directory does not name: some programs show it, "
    "others do not.",
    "archive-entries-overlap": "Files in an archive share their bytes, as where a small archive is to unpack to "
    "something huge. The later ones were not unpacked.",
    "archive-headers-differ": "An archive says two things about a file in it; programs unpack different bytes.",
    "archive-names-differ": "A file in an archive has two names; programs differ in which one they show.",
    "archive-name-twice": "Two files in an archive have the same name; programs differ in which one they unpack.",
    "archive-size-differs": "A file in an archive is not as long as the archive says.",
    "archive-link": "An archive holds a link, which points to another file once it is unpacked.",
    "archive-path-escapes": "A name in an archive leads out of the folder that it is unpacked into.",
    "archive-not-unpacked": "A file in an archive is packed in a way that is not unpacked here; its name is listed.",
    "limit-archive-entries": "An archive has more files than are listed; those that could run were listed first.",
    "limit-unpacked": "Unpacking stopped at a limit of size; of the file that was being unpacked the beginning counts.",
    "limit-ratio": "Unpacking stopped: more than a hundred times as much came out as went in.",
    "limit-file-depth": "Files lie inside files more than four deep; those deeper are named and not opened.",
    "limit-attachments": "There are more attachments than are listed.",
    "bidi-in-file-name": "A file's name holds characters that turn the direction of writing, so that its extension can "
    "seem to be another.",
}
