"""`bridge adapters list`: what is plugged in, from the manifests alone."""

from __future__ import annotations

from dataclasses import asdict

from bridge.cli.options import AsJson
from bridge.cli.output import print_json, print_table


def command(as_json: AsJson = False) -> None:
    """列出已接入的适配器 (what is plugged in)."""
    from bridge.registry import available

    manifests = [found.manifest for found in available().values()]
    if as_json:
        print_json([asdict(manifest) for manifest in manifests])
        return
    print_table(
        ("适配器", "名称", "推送种类", "需要的设置", "需要的密钥"),
        (
            (
                one.id,
                one.title,
                " ".join(one.kinds),
                " ".join(setting.name for setting in one.settings if setting.default is None),
                " ".join(secret.name for secret in one.secrets if secret.default is None),
            )
            for one in manifests
        ),
    )
