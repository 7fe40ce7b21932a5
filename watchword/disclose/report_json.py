"""The report as JSON, the same content as the page, for programs.

The document is an object with `"schema": "watchword-report/1"` and the fields of `disclose.answer.Answer`, nested as
there: `title`, `generated`, `version`, `answer`, `counts`, `owners`, `conversations` (each with `messages`, each with
`findings`, `shares`, `place`, `evidence`), `per_week`, `not_shown`, `timeline`, `operations` (each of `full` with
`members`, `bonds`, `shared` and `outcome`, which has `ladders` of `rungs`), `attributions` (each of `full` with
`hypotheses` of `cells`, `exhibits` and `claimed`; an actor is named in `decided_name` alone), `hits`, `claims` (each of
`propositions` with `sides` of `claims` and `roots`), `warnings`, `account`, `next_in_line`, `spoken_of`, `unweighed`,
`decisions`, `logs`, `sources`, `gaps`, `detectors`, `limits`. `json_schema()` gives every field with its type and
meaning (JSON Schema 2020-12). Times are ISO 8601 in UTC. Within `watchword-report/1` fields are added, never removed
or given another meaning. Text from mail stands there as it was read, in ASCII with escapes, so that no terminal acts on
it.
"""

import dataclasses
import json
import types
import typing
from datetime import datetime
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from watchword.disclose.answer import Answer

SCHEMA = "watchword-report/1"

_SIMPLE = {str: "string", int: "integer", float: "number", bool: "boolean"}


def report_json(answer: Answer) -> str:
    """Write the report as JSON."""
    return json.dumps({"schema": SCHEMA, **dataclasses.asdict(answer)}, default=plain, indent=1) + "\n"


def json_schema() -> dict[str, Any]:
    """Describe the report in JSON Schema 2020-12, made from the classes that hold it."""
    described = _described(Answer)
    properties = {"schema": {"const": SCHEMA}, **described["properties"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **described,
        "properties": properties,
        "required": list(properties),
    }


def plain(value: object) -> str:
    """Write what JSON has no form for: times, in ISO 8601."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(value)


def _described(kind: Any) -> dict[str, Any]:  # noqa: ANN401  # a type or a form of one, for which Python has no type
    """Describe one type; `Annotated` text becomes the description."""
    if get_origin(kind) is Annotated:
        bare, says = get_args(kind)[:2]
        return {"description": says, **_described(bare)}
    if get_origin(kind) in (Union, types.UnionType):
        return {"anyOf": [_described(one) for one in get_args(kind)]}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _described(get_args(kind)[0])}
    if kind is type(None):
        return {"type": "null"}
    if kind is datetime:
        return {"type": "string", "format": "date-time"}
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(typing.cast(type, kind), include_extras=True)
        return {
            "type": "object",
            "description": (kind.__doc__ or "").partition("\n")[0],
            "properties": {name: _described(hint) for name, hint in hints.items()},
            "required": list(hints),
        }
    return {"type": _SIMPLE[kind]}
