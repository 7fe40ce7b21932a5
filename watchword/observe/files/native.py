"""Have a file looked at in the process with limits, within what the message has left."""

from watchword.limited.process import SECONDS, ask
from watchword.limited.wire import Finding, Question
from watchword.observe.files import Budget, Contents

LEAST = 0.05  # seconds; with less left nothing is begun


def look(question: Question, contents: Contents, budget: Budget) -> list[Finding]:
    """Give what was found; what kept the process from the end becomes a defect of `contents`."""
    if budget.seconds < LEAST:
        contents.defects.append(("file-stopped-reader", "the files of this message took too long"))
        return []
    answer = ask(question, min(SECONDS, budget.seconds))
    budget.seconds -= answer.seconds
    if answer.stopped:
        contents.defects.append(("file-stopped-reader", answer.stopped))
    found = []
    for finding in answer.findings:
        if finding.what == "unreadable":
            contents.defects.append(("file-unreadable", finding.value))
        else:
            found.append(finding)
    return found
