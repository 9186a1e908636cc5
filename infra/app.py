"""The CDK app: `cdk.json` names it, `python -m infra.synth` runs it without the CLI.

Settings are context values. A wrong one ends with one line that says what to write.
"""

from __future__ import annotations

import sys

import aws_cdk as cdk

from infra.settings import Settings
from infra.stack import Ledgercast


def main() -> None:
    app = cdk.App()
    try:
        settings = Settings.read(app.node.try_get_context)
    except ValueError as wrong:
        sys.exit(f"ledgercast: {wrong}")
    Ledgercast(app, "Ledgercast", settings)
    if not settings.local:
        check(app)
    app.synth()


def check(app: cdk.App) -> None:
    """Let cdk-nag read the whole app; what it finds and nobody accepted with a reason stops the synthesis."""
    # Imported here, because the laptop's form does without: `make synth` and the tests have it.
    from cdk_nag import AwsSolutionsChecks

    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))


if __name__ == "__main__":
    main()
