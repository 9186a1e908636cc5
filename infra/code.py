"""A function's code as CDK sees it: a bundle for deployment, nothing but its name for the laptop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_

from infra import ROOT, bundle


def code_of(name: str, *, local: bool) -> lambda_.Code:
    if local:
        return lambda_.Code.from_inline(f"# The local runtime runs functions/{name} from the source.\n")
    return lambda_.Code.from_asset(
        str(ROOT / "functions" / name),
        asset_hash_type=cdk.AssetHashType.CUSTOM,
        asset_hash=bundle.fingerprint(name),
        bundling=cdk.BundlingOptions(image=cdk.DockerImage.from_registry("never-used"), local=_Bundle(name)),
    )


@jsii.implements(cdk.ILocalBundling)
class _Bundle:
    def __init__(self, name: str) -> None:
        self._name = name

    def try_bundle(self, output_dir: str, *_: Any, **__: Any) -> bool:
        bundle.build(self._name, Path(output_dir))
        return True
