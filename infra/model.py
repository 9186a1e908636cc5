"""The model that writes AI summaries, as permissions see it: which of Bedrock's resources one call needs."""

from __future__ import annotations

import re

GEOGRAPHIES = ("us-gov", "us", "eu", "apac", "jp", "au", "ca", "global")
"""How the ids of Bedrock's own inference profiles begin; such a profile runs its model in several regions."""

_ID = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+(:[a-z0-9-]+)*")
_ARN = re.compile(
    r"arn:aws[a-z-]*:bedrock:[a-z0-9-]+:(\d{12})?:(foundation-model|provisioned-model|custom-model-deployment)/[\w.:-]+"
)


def is_model(name: str) -> bool:
    """Whether a deployment can be given this model: a model's id, a profile's id, or an ARN that stands for one model.

    An application's own inference profile does not say which models it calls, so no role could be limited to them.
    """
    return bool(_ID.fullmatch(name) or _ARN.fullmatch(name))


def resources(name: str, *, partition: str, region: str, account: str) -> list[str]:
    """The ARNs that asking this model by Converse is authorised on."""
    if name.startswith("arn:"):
        return [name]
    geography, _, model = name.partition(".")
    if geography not in GEOGRAPHIES:
        return [f"arn:{partition}:bedrock:{region}::foundation-model/{name}"]
    profile = f"arn:{partition}:bedrock:{region}:{account}:inference-profile/{name}"
    return [profile, anywhere(model, partition=partition)]


def anywhere(model: str, *, partition: str) -> str:
    """One model in whichever region a profile runs it; a global profile's call names no region at all."""
    return f"arn:{partition}:bedrock:*::foundation-model/{model}"
