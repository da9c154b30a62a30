# SPDX-License-Identifier: ISC
"""The regions of an instance: each has a cluster, a file store, a master key, pools and a
worker of its own. The first one has the directory of all, and is the large one."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Region:
    name: str
    first: bool

    def of(self, name):
        """Its own, of what the first region calls `name`."""
        return name if self.first else f"{name}-{self.name}"

    def config(self, instance):
        return instance.var / f"{self.of('praya')}.conf"


REGIONS = (Region("hk", True), Region("sg", False))
