"""What the words of the ledger of claims mean, said in one way everywhere."""

PROPOSITIONS: dict[str, str] = {
    "sought": "Access was sought",
    "accessed": "Access was gained",
    "stole": "Something was taken",
    "disclosed": "It was passed on or published",
    "received": "Somebody was given it",
    "who": "Who did it",
    "directed": "Who had it done",
    "intent": "What it was for",
    "same-actor": "The same hands as in another case",
    "": "Something else",
}
SIDES: dict[str, str] = {"affirms": "Affirmed", "denies": "Denied", "open": "Left open"}
ACTS: dict[str, str] = {
    "attributes": "attributes",
    "confirms": "confirms",
    "denies": "denies",
    "declines": "declines to say",
    "demands-evidence": "asks for evidence",
    "retracts": "retracts",
    "hedges": "hedges",
    "reports": "reports",
}
CAPACITIES: dict[str, str] = {
    "on-record": "on record",
    "anonymous": "not named in the report",
    "by-proxy": "somebody speaks for them",
}
OFFERED: dict[str, str] = {
    "none": "no evidence offered",
    "indicators": "offers indicators",
    "report": "offers a report",
    "indictment": "offers an indictment",
    "private": "evidence that is not shown",
}
