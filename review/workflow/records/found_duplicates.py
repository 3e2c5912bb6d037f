"""Which records repeat each other: keys, blocks, rules and groups put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from review.workflow.records.duplicate_blocks import worthwhile_pairs
from review.workflow.records.duplicate_groups import chains, consistent_groups
from review.workflow.records.duplicate_keys import DuplicateKeys, duplicate_keys
from review.workflow.records.duplicate_rules import Verdict, judged
from review.workflow.records.pair_evidence import evidence

def linked(keys: DuplicateKeys):
    verdicts = {}
    reasons = {}
    for a_chunk, b_chunk in worthwhile_pairs(keys):
        for a, b in zip(a_chunk.tolist(), b_chunk.tolist(), strict=True):
            v, why = judged(evidence(keys, a, b))
            verdicts[a, b] = v
    same = [p for p, v in verdicts.items() if v is Verdict.SAME]
    groups = []
    for chain in chains(len(keys), same):
        groups += consistent_groups(chain, verdicts, lambda a, b: judged(evidence(keys, a, b))[0], lambda i: (keys.title[i], keys.doi[i], keys.first[i], keys.surnames[i], i))
    return groups, verdicts
