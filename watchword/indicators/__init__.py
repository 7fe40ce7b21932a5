"""What a text names that can be held against mail: addresses, hosts, files; whose it is; and which mail has it, too.

`extract` finds indicators in a text and `roles` says whose each is by the text's own words; `hits.build` compares what
reports and the knowledge of actors name with the mail of a case.
"""

from watchword.indicators.extract import extract
from watchword.indicators.found import Found, Hyperlink

__all__ = ["Found", "Hyperlink", "extract"]
