"""Started by the emulator's own Python (.venv-deploy): the emulator, with the one attribute of ours that it lacks.

CloudFormation gives an SES identity's DKIM records as attributes, which our outputs tell the operator; this version of
the emulator does not know them. The template stays as it is; the emulator is completed here.
"""

from __future__ import annotations

import sys
from typing import Any

from ministack.app import main  # type: ignore[import-not-found]
from ministack.services.cloudformation import provisioners  # type: ignore[import-not-found]

identity = provisioners._RESOURCE_HANDLERS["AWS::SES::EmailIdentity"]
create = identity["create"]


def with_dkim_records(logical_id: str, props: dict[str, Any], stack: str) -> tuple[str, dict[str, str]]:
    name, attributes = create(logical_id, props, stack)
    for number in ("1", "2", "3"):
        attributes[f"DkimDNSTokenName{number}"] = f"token{number}._domainkey.{name}"
        attributes[f"DkimDNSTokenValue{number}"] = f"token{number}.dkim.amazonses.com"
    return name, attributes


identity["create"] = with_dkim_records
sys.exit(main())
