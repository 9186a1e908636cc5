"""The AI summary as people meet it (design 11): whether it can be had, what leaves the account for it, who wrote it.

`functions/summarise` writes it; the console says these sentences where a pulse asks for it, and messages are labelled.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

MODEL = "LEDGERCAST_AI_MODEL"
"""The variable that names the model, told to summarise and the console; unset where the operator chose none."""

SECONDS = 10
"""The whole budget of asking a model; then the computed text goes out instead."""

UNAVAILABLE = (
    "An AI summary needs a model, and none is chosen for this deployment. The operator names one with -c ai_model=…; "
    "until then the computed summary is sent."
)
CHECKED = (
    "Every figure in its text is compared with the pulse's own figures. Where one does not agree, where the text is "
    f"not as asked or does not come within {SECONDS} seconds, the computed summary is sent, and the run says why."
)
NAMES_LABEL = "Tell the model the names of accounts"
NAMES_HELP = (
    "Off: the model reads Account 1, Account 2 and so on, and the names are put back into its text here. On: the "
    "names of bank and expense accounts are sent too, except those that hold a digit or do not look like a name."
)


def model(env: Mapping[str, str] = os.environ) -> str:
    """The model that the operator named, as Bedrock knows it; empty where there is none."""
    return env.get(MODEL, "")


def leaves(model_id: str, *, names: bool) -> str:
    """What leaves the account when a pulse asks for an AI summary, for the page where that is switched on."""
    named = "and, where they look like names, the names of its accounts" if names else "and no name at all"
    return (
        f"What is sent to {short(model_id)} in Amazon Bedrock at each run: the figures of this metric, their months or "
        f"age groups, the currency, and what the metric means, {named}. Never sent: the organisation's name, contacts, "
        "single documents, who receives the chart. Nothing else leaves the AWS account."
    )


def written_by(model_id: str) -> str:
    """The label of a text that a model wrote and that passed the check."""
    return f"Written by AI ({short(model_id)}), every figure checked against the facts"


def short(model_id: str) -> str:
    """The model's name without what only AWS needs: of an ARN its last part."""
    return model_id.rpartition("/")[2]
