"""Every word that `attachments.contains` may hold, with the sentence that the report and docs/tables.md show.

A word not listed here is a bug. What a file holds is no verdict: honest newsletters have scripts, honest tables macros.
"""

CONTAINS: dict[str, str] = {
    # ---- any file that holds files
    "executable": "A program lies inside.",
    "script": "A script runs when it is opened, or lies inside.",
    "shortcut": "A shortcut lies inside, which can start any program.",
    "embedded-file": "Another file is embedded in it.",
    "nested-archive": "An archive lies inside the archive.",
    "double-extension-inside": "A file inside has two extensions, so that it seems to be another kind of file.",
    "container-hides-mark": "What is taken out of it loses the mark that it came from the net: no program warns.",
    "bomb": "It would unpack to far more than it seems to hold.",
    "path-escapes": "A file inside is named such that it would be unpacked outside the folder.",
    # ---- pictures and documents
    "qr": "A QR code is shown.",
    "stands-for-text": "The picture stands in for text.",
    "one-big-link": "The whole page is one link.",
    "image-only-pages": "Its pages are pictures without text.",
    "javascript": "Holds JavaScript that runs when the document is opened or used.",
    "launches-program": "Starts a program when it is opened or used.",
    "form": "Asks to fill in a form.",
    # ---- Office documents, RTF
    "macros": "Holds macros, programs that run inside Office.",
    "macro-runs-on-open": "A macro starts by itself when the document is opened or closed.",
    "macro-reaches-out": "A macro starts programs, writes files or fetches something from the net.",
    "excel4-macros": "Holds macros of the old kind (Excel 4.0), which many filters do not see.",
    "activex": "Holds ActiveX controls.",
    "dde": "A field or formula starts another program (DDE).",
    "remote-template": "Loads its template, or a part of itself, from elsewhere when it is opened.",
    "external-object": "Loads an object or data from elsewhere.",
    "remote-image": "Loads a picture from elsewhere, which tells that it was opened.",
    "equation-object": "Holds an object of the old equation editor, known for CVE-2017-11882 and used to run code.",
    "default-password": "Locked with a password that Office knows by itself: shut to filters, open to the reader.",
    # ---- pages: HTML, SVG
    "login-form": "Asks for a password.",
    "assembles-file": "A script puts a file together and offers it for saving, past every filter (HTML smuggling).",
    "redirects": "Leads on to another page by itself.",
    "obfuscated": "A script or text is coded so that it cannot be read, and decodes itself when it is opened.",
    "prefilled-recipient": "An address of a person stands in its script, as where a log-in page is filled in before.",
    "data-url": "An address in it holds a whole page or file (data URL).",
    # ---- shortcuts
    "runs-program": "Starts a program with arguments of the sender's choice.",
    "remote-desktop": "Opens a session on somebody else's machine, which may get at the reader's drives and clipboard.",
    "remote-file": "Points to a file, folder or query on somebody else's server, which Windows opens like a local one.",
}
