# The public names of the package, and where each is defined. Read twice: by type checkers, and at
# run time by lazy_loader, which imports a module when one of its names is first used.
__version__: str

from . import accuracy as accuracy
from . import associations as associations
from . import bayes as bayes
from . import bias as bias
from . import dependent as dependent
from . import diagnostics as diagnostics
from . import effects as effects
from . import models as models
from . import networks as networks
from . import plots as plots
from . import pooling as pooling
from .errors import (
    BusyError as BusyError,
)
from .errors import (
    ConvergenceError as ConvergenceError,
)
from .errors import (
    DataError as DataError,
)
from .errors import (
    DuplicateError as DuplicateError,
)
from .errors import (
    InputError as InputError,
)
from .errors import (
    MissingExtraError as MissingExtraError,
)
from .errors import (
    ReviewError as ReviewError,
)
from .errors import (
    ReviewWarning as ReviewWarning,
)
from .errors import (
    StatsError as StatsError,
)
from .errors import (
    UnknownNameError as UnknownNameError,
)
from .models.backbones import (
    Backbone as Backbone,
)
from .models.backbones import (
    backbones as backbones,
)
from .models.backbones import (
    find_backbone as find_backbone,
)
from .models.convolution import conv_parameters as conv_parameters
from .models.convolution import output_size as output_size
from .models.layers import LayerTable as LayerTable
from .models.layers import layer_table as layer_table
from .models.table1 import Table1 as Table1
from .models.table1 import check_table1 as check_table1
from .models.transfer import (
    TransferCount as TransferCount,
)
from .models.transfer import (
    apply_transfer as apply_transfer,
)
from .models.transfer import (
    build_backbone as build_backbone,
)
from .models.transfer import (
    transfer_count as transfer_count,
)
from .models.transfer import (
    transfer_counts as transfer_counts,
)
from .opened_review import Review as Review
from .opened_review import open_review as open_review
from .project.folder_code import trust_folder as trust_folder
from .project.trusted import revoke_trust as revoke_trust
from .project.trusted import trusted_folders as trusted_folders
from .report import Report as Report
from .report import build_report as build_report
from .stats.accuracy.accuracy_comparison import AccuracyComparison as AccuracyComparison
from .stats.accuracy.accuracy_comparison import compare_tests as compare_tests
from .stats.accuracy.accuracy_result import AccuracyResult as AccuracyResult
from .stats.accuracy.accuracy_studies import AccuracyStudies as AccuracyStudies
from .stats.accuracy.accuracy_studies import accuracy_descriptives as accuracy_descriptives
from .stats.accuracy.deeks import DeeksTest as DeeksTest
from .stats.accuracy.deeks import deeks_test as deeks_test
from .stats.accuracy.diagnostic_meta import diagnostic_meta as diagnostic_meta
from .stats.accuracy.moses_littenberg import MosesLittenberg as MosesLittenberg
from .stats.accuracy.moses_littenberg import moses_littenberg as moses_littenberg
from .stats.association.contingency import CramerResult as CramerResult
from .stats.association.contingency import cramers_v as cramers_v
from .stats.association.kruskal_wallis import KruskalResult as KruskalResult
from .stats.association.kruskal_wallis import kruskal_wallis as kruskal_wallis
from .stats.association.rank_correlation import SpearmanResult as SpearmanResult
from .stats.association.rank_correlation import spearman as spearman
from .stats.bayes.bayes_fit import bayes_meta as bayes_meta
from .stats.bayes.bayes_result import BayesResult as BayesResult
from .stats.bayes.bayes_result import StudyEffects as StudyEffects
from .stats.bayes.empirical_priors import empirical_prior as empirical_prior
from .stats.bayes.prior_names import tau_prior as tau_prior
from .stats.bayes.prior_sensitivity import PriorSensitivity as PriorSensitivity
from .stats.bayes.prior_sensitivity import prior_sensitivity as prior_sensitivity
from .stats.bayes.tau_priors import TauPrior as TauPrior
from .stats.bias.fsn import FailSafeN as FailSafeN
from .stats.bias.fsn import fail_safe_n as fail_safe_n
from .stats.bias.funnel_points import FunnelData as FunnelData
from .stats.bias.funnel_points import funnel_data as funnel_data
from .stats.bias.limit_meta import LimitMeta as LimitMeta
from .stats.bias.limit_meta import limit_meta as limit_meta
from .stats.bias.p_curve import PCurve as PCurve
from .stats.bias.p_curve import p_curve as p_curve
from .stats.bias.pet_peese import PetPeese as PetPeese
from .stats.bias.pet_peese import pet_peese as pet_peese
from .stats.bias.ranktest import RankTest as RankTest
from .stats.bias.ranktest import rank_test as rank_test
from .stats.bias.regtest import RegressionTest as RegressionTest
from .stats.bias.regtest import regression_test as regression_test
from .stats.bias.selection.selection_fit import selection_model as selection_model
from .stats.bias.selection.selection_result import SelectionResult as SelectionResult
from .stats.bias.tes import (
    ExcessSignificance as ExcessSignificance,
)
from .stats.bias.tes import (
    excess_significance as excess_significance,
)
from .stats.bias.trimfill import TrimAndFill as TrimAndFill
from .stats.bias.trimfill import trim_and_fill as trim_and_fill
from .stats.consistency.reported_correlation import (
    ReportedCorrelation as ReportedCorrelation,
)
from .stats.consistency.reported_correlation import (
    check_reported_correlation as check_reported_correlation,
)
from .stats.effects import (
    MEASURES as MEASURES,
)
from .stats.effects import (
    EffectSizes as EffectSizes,
)
from .stats.effects import (
    back_transform as back_transform,
)
from .stats.effects import (
    effect_size as effect_size,
)
from .stats.effects.conversion import Conversion as Conversion
from .stats.effects.trial_designs import combine_groups as combine_groups
from .stats.ground.block_diagonal import BlockDiagonal as BlockDiagonal
from .stats.influence import (
    BaujatResult as BaujatResult,
)
from .stats.influence import (
    EffectsResult as EffectsResult,
)
from .stats.influence import (
    InfluenceResult as InfluenceResult,
)
from .stats.influence import (
    ProfileResult as ProfileResult,
)
from .stats.influence import (
    QQResult as QQResult,
)
from .stats.influence import (
    RadialResult as RadialResult,
)
from .stats.influence import (
    RefitResult as RefitResult,
)
from .stats.influence import (
    ResidualsResult as ResidualsResult,
)
from .stats.influence import (
    VIFResult as VIFResult,
)
from .stats.influence import (
    baujat as baujat,
)
from .stats.influence import (
    blup as blup,
)
from .stats.influence import (
    cumulative as cumulative,
)
from .stats.influence import (
    influence as influence,
)
from .stats.influence import (
    leave_one_out as leave_one_out,
)
from .stats.influence import (
    profile_tau2 as profile_tau2,
)
from .stats.influence import (
    qq_points as qq_points,
)
from .stats.influence import (
    radial as radial,
)
from .stats.influence import (
    ranef as ranef,
)
from .stats.influence import (
    rstandard as rstandard,
)
from .stats.influence import (
    rstudent as rstudent,
)
from .stats.influence import (
    vif as vif,
)
from .stats.influence.gosh import GoshResult as GoshResult
from .stats.influence.gosh import gosh as gosh
from .stats.influence.multiverse import Multiverse as Multiverse
from .stats.influence.multiverse import multiverse as multiverse
from .stats.multilevel.aggregate import AggregatedEffects as AggregatedEffects
from .stats.multilevel.aggregate import aggregate_effects as aggregate_effects
from .stats.multilevel.che import CHEResult as CHEResult
from .stats.multilevel.che import RhoSensitivity as RhoSensitivity
from .stats.multilevel.che import che_model as che_model
from .stats.multilevel.che import rho_sensitivity as rho_sensitivity
from .stats.multilevel.cluster_influence import ClusterInfluence as ClusterInfluence
from .stats.multilevel.meta_mv import meta_analysis_mv as meta_analysis_mv
from .stats.multilevel.mv_predict import MVPrediction as MVPrediction
from .stats.multilevel.mv_result import MVResult as MVResult
from .stats.multilevel.profile_intervals import ComponentIntervals as ComponentIntervals
from .stats.multilevel.profile_intervals import ComponentProfile as ComponentProfile
from .stats.multilevel.random_effects import RandomEffects as RandomEffects
from .stats.multilevel.robust_variance import RobustVariance as RobustVariance
from .stats.multilevel.robust_variance import robust_variance as robust_variance
from .stats.multilevel.variance_shares import VarianceShares as VarianceShares
from .stats.multilevel.vcalc import vcalc as vcalc
from .stats.multilevel.wild_bootstrap import WildBootstrap as WildBootstrap
from .stats.multilevel.wild_bootstrap import wild_bootstrap as wild_bootstrap
from .stats.networks.arm_contrasts import ArmContrasts as ArmContrasts
from .stats.networks.arm_contrasts import arm_contrasts as arm_contrasts
from .stats.networks.component_model import ComponentResult as ComponentResult
from .stats.networks.component_model import component_network as component_network
from .stats.networks.contribution import Contribution as Contribution
from .stats.networks.inconsistency import Decomposition as Decomposition
from .stats.networks.inconsistency import NetHeat as NetHeat
from .stats.networks.network_fit import NetworkTables as NetworkTables
from .stats.networks.network_funnel import NetworkFunnel as NetworkFunnel
from .stats.networks.network_meta import network_meta as network_meta
from .stats.networks.network_result import NetworkResult as NetworkResult
from .stats.networks.node_splitting import DirectIndirect as DirectIndirect
from .stats.networks.ranking import Ranking as Ranking
from .stats.pooling.henmi_copas import HenmiCopasResult as HenmiCopasResult
from .stats.pooling.henmi_copas import henmi_copas as henmi_copas
from .stats.pooling.heterogeneity_intervals import ConfidenceIntervals as ConfidenceIntervals
from .stats.pooling.likelihood_ratio import (
    LikelihoodRatioResult as LikelihoodRatioResult,
)
from .stats.pooling.likelihood_ratio import (
    likelihood_ratio_test as likelihood_ratio_test,
)
from .stats.pooling.linear_hypothesis import (
    LinearHypothesisResult as LinearHypothesisResult,
)
from .stats.pooling.linear_hypothesis import (
    linear_hypothesis as linear_hypothesis,
)
from .stats.pooling.location_scale import location_scale as location_scale
from .stats.pooling.location_scale_result import (
    LocationScalePrediction as LocationScalePrediction,
)
from .stats.pooling.location_scale_result import (
    LocationScaleResult as LocationScaleResult,
)
from .stats.pooling.many_analyses import meta_analysis_many as meta_analysis_many
from .stats.pooling.many_result import ManyResults as ManyResults
from .stats.pooling.meta_analysis import meta_analysis as meta_analysis
from .stats.pooling.meta_result import MetaResult as MetaResult
from .stats.pooling.permutation import (
    PermutationResult as PermutationResult,
)
from .stats.pooling.permutation import (
    permutation_test as permutation_test,
)
from .stats.pooling.pooled_medians import (
    PooledMedians as PooledMedians,
)
from .stats.pooling.pooled_medians import (
    pool_medians as pool_medians,
)
from .stats.pooling.prediction import PredictResult as PredictResult
from .stats.pooling.robust import RobustResult as RobustResult
from .stats.pooling.robust import cluster_robust as cluster_robust
from .stats.pooling.robust import robust as robust
from .stats.pooling.subgroups import (
    SubgroupResult as SubgroupResult,
)
from .stats.pooling.subgroups import (
    subgroup_analysis as subgroup_analysis,
)
from .stats.rare_events.beta_binomial import beta_binomial as beta_binomial
from .stats.rare_events.beta_binomial_result import BetaBinomialResult as BetaBinomialResult
from .stats.rare_events.glmm import glmm as glmm
from .stats.rare_events.glmm_result import GLMMResult as GLMMResult
from .stats.rare_events.mantel_haenszel import (
    MantelHaenszelResult as MantelHaenszelResult,
)
from .stats.rare_events.mantel_haenszel import (
    mantel_haenszel as mantel_haenszel,
)
from .stats.rare_events.peto import PetoResult as PetoResult
from .stats.rare_events.peto import peto as peto
from .workflow.agreement.agreement_report import AgreementReport as AgreementReport
from .workflow.agreement.coder_agreement import agreement as agreement
from .workflow.audit import (
    AuditReport as AuditReport,
)
from .workflow.audit import (
    Claim as Claim,
)
from .workflow.audit import (
    audit as audit,
)
from .workflow.audit import (
    audit_csv as audit_csv,
)
from .workflow.audit import (
    audit_rows as audit_rows,
)
from .workflow.audit import (
    audit_sentences as audit_sentences,
)
from .workflow.audit import (
    audit_text as audit_text,
)
from .workflow.coding.assessment_files import Assessments as Assessments
from .workflow.coding.assessment_files import load_assessments as load_assessments
from .workflow.recommend import Recommendation as Recommendation
from .workflow.recommend import recommend as recommend
from .workflow.records.found_duplicates import FoundDuplicates as FoundDuplicates
from .workflow.records.found_duplicates import find_duplicates as find_duplicates
