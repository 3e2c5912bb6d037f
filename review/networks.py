"""Networks of treatments: comparisons within and between studies, ranking, consistency."""

from review.stats.networks.arm_contrasts import ArmContrasts, arm_contrasts
from review.stats.networks.component_model import ComponentResult, component_network
from review.stats.networks.contribution import Contribution
from review.stats.networks.inconsistency import Decomposition, NetHeat
from review.stats.networks.network_fit import NetworkTables
from review.stats.networks.network_funnel import NetworkFunnel
from review.stats.networks.network_meta import network_meta
from review.stats.networks.network_result import NetworkResult
from review.stats.networks.node_splitting import DirectIndirect
from review.stats.networks.ranking import Ranking

__all__ = [
    "ArmContrasts",
    "ComponentResult",
    "Contribution",
    "Decomposition",
    "DirectIndirect",
    "NetHeat",
    "NetworkFunnel",
    "NetworkResult",
    "NetworkTables",
    "Ranking",
    "arm_contrasts",
    "component_network",
    "network_meta",
]
