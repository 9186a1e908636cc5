"""How each resource type of the template is made here, and which are left out, with the reason."""

from local.aws.resources import compute, http, mail, messaging, storage
from local.aws.resources.ignored import IGNORED
from local.aws.resources.kinds import Kind

KINDS: dict[str, Kind] = {**storage.KINDS, **messaging.KINDS, **mail.KINDS, **compute.KINDS, **http.KINDS}

__all__ = ["IGNORED", "KINDS"]
