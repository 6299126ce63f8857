"""The class of an instance in a form: one of a few, or any other that is typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui.services.rds import rules
from tui.services.rds.new_instance import CLASSES
from tui.widgets.dialogs.forms import ChoiceField, Field, TextField, Values

OTHER = "other"


def class_fields(now: str, first: Mapping[str, str]) -> list[Field]:
    """`now` is what an instance has, or what is offered first; `first` what stood in the form."""
    wanted = first.get("instance_class", now)
    names = [each.name for each in CLASSES]
    options = [(f"{each.name}  {each.about}", each.name) for each in CLASSES]
    if now and now not in names:
        options.insert(0, (f"{now}  as it is", now))
        names.append(now)
    options.append(("Another class…", OTHER))
    return [
        ChoiceField("instance_class", "Class", options, wanted if wanted in names else OTHER),
        TextField(
            "other_class",
            "Name of the class",
            "" if wanted in names else wanted,
            placeholder="db.m7g.large",
            note="https://aws.amazon.com/rds/instance-types/ lists them.",
            check=_class_problems,
            when=lambda values: values["instance_class"] == OTHER,
        ),
    ]


def class_of(values: Values) -> str:
    """The class that was chosen or typed."""
    chosen = values["instance_class"]
    return values["other_class"].strip() if chosen == OTHER else chosen


def _class_problems(value: str) -> Sequence[str]:
    problem = rules.class_problem(value.strip())
    return () if problem is None else (problem,)
