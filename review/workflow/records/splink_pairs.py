"""Pairs worth judging, found by splink on DuckDB, or on a Spark session that the user passes.

splink (Linacre et al. 2022, Int J Popul Data Sci 7:1794) joins the records on the blocks of
`duplicate_blocks` and weighs each pair by the model of Fellegi and Sunter (1969, J Am Stat Assoc
64:1183-1210). Here that does what does not fit one machine: the join, and the likeness of the
titles. The verdict on each pair that is left is that of the rules, as with the records held in
memory, so that both engines mean the same by a duplicate, and what is doubtful goes to a person.

The probabilities of agreement are fixed, and nothing is estimated from the records: a result does
not depend on a sample, and two runs give the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import MissingExtraError
from review.workflow.records.duplicate_blocks import block_codes, capped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from review.workflow.records.duplicate_keys import DuplicateKeys

    Codes = NDArray[np.int64]

# two records drawn at random are one: a prior that no sizeable collection contradicts
_PRIOR: Final = 1e-4
# pairs below it agree in nothing that the rules ask for
LEAST: Final = 1e-6
_LEVENSHTEIN: Final = "levenshtein({0}_l, {0}_r) <= {1} * greatest(length({0}_l), length({0}_r))"
# column -> (condition of a level, share of the pairs that are one in it, share of the others)
_LEVELS: Final[dict[str, tuple[tuple[str, float, float], ...]]] = {
    "title": (
        ("title_l = title_r", 0.8, 1e-5),
        (_LEVENSHTEIN.format("title", "0.1"), 0.12, 2e-5),
        (_LEVENSHTEIN.format("title", "0.4"), 0.07, 5e-3),
        ("", 0.01, 0.99497),
    ),
    **{
        name: ((f"{name}_l = {name}_r", agree, chance), ("", 1 - agree, 1 - chance))
        for name, agree, chance in (
            ("doi", 0.95, 1e-5), ("pmid", 0.99, 1e-5), ("first_page", 0.9, 0.01),
            ("volume", 0.9, 0.03), ("year", 0.9, 0.06), ("surname", 0.9, 0.005),
        )
    },
}  # fmt: skip


def splink_pairs(
    keys: DuplicateKeys, rows: NDArray[np.bool_] | None = None, *, spark: Any = None
) -> Iterator[tuple[Codes, Codes]]:
    """Yield the pairs (first < second) that splink finds worth judging, sorted, each once.

    Args:
        keys: what is compared.
        rows: which of the records take part, (n,); all by default.
        spark: a Spark session; DuckDB inside of this process without it.

    Raises:
        MissingExtraError: splink is not installed, or pyspark for a session.
    """
    if len(keys) < 2:
        return
    table, blocks = _table(keys, rows)
    linker = _linker(table, blocks, spark)
    found = linker.inference.predict(threshold_match_probability=LEAST)
    frame = found.as_pandas_dataframe()
    found.drop_table_from_database_and_remove_from_cache()
    a = frame["unique_id_l"].to_numpy(dtype=np.int64)
    b = frame["unique_id_r"].to_numpy(dtype=np.int64)
    pairs = np.unique(np.minimum(a, b) * len(keys) + np.maximum(a, b))
    yield np.divmod(pairs, len(keys))


def _table(keys: DuplicateKeys, rows: NDArray[np.bool_] | None) -> tuple[Any, list[str]]:
    """What splink joins and compares: one row a record, None where nothing is stated."""
    import pandas as pd

    taking_part = np.ones(len(keys), bool) if rows is None else rows
    columns: dict[str, Any] = {
        "unique_id": np.arange(len(keys)),
        "title": keys.title, "doi": keys.doi, "pmid": keys.pmid, "first_page": keys.first,
        "volume": keys.volume, "year": [str(y) if y else "" for y in keys.year],
        "surname": [names[0] if names else "" for names in keys.surnames],
    }  # fmt: skip
    blocks = []
    for number, codes in enumerate(block_codes(keys)):
        name = f"block_{number}"
        blocks.append(name)
        columns[name] = capped(codes * taking_part)
    frame = pd.DataFrame(columns)[taking_part]
    texts = [c for c in _LEVELS if c in frame]
    frame[texts] = frame[texts].astype(object).where(frame[texts] != "", None)
    for name in blocks:
        frame[name] = frame[name].astype("Int64").mask(frame[name] == 0)
    return frame.reset_index(drop=True), blocks


def _linker(table: Any, blocks: list[str], spark: Any) -> Any:
    try:
        import splink.comparison_level_library as levels
        import splink.comparison_library as comparisons
        from splink import Linker, SettingsCreator, block_on

        if spark is None:
            from splink import DuckDBAPI

            database: Any = DuckDBAPI()
        else:
            from splink import SparkAPI

            # the functions of the rules are those of Spark itself
            database = SparkAPI(
                spark_session=spark,
                register_udfs_automatically=False,
                break_lineage_method="persist",  # a checkpoint needs a folder of the session
            )
    except ImportError as error:
        raise MissingExtraError(
            f"--engine splink needs splink ({error}): pip install 'review-analytics[splink]'"
        ) from None

    def comparison(name: str) -> Any:
        none = levels.CustomLevel(f"{name}_l is null or {name}_r is null", "not stated")
        made = [none.configure(is_null_level=True)]
        for condition, agree, chance in _LEVELS[name]:
            level = levels.CustomLevel(condition) if condition else levels.ElseLevel()
            made.append(level.configure(m_probability=agree, u_probability=chance))
        return comparisons.CustomComparison(comparison_levels=made, output_column_name=name)

    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[comparison(name) for name in _LEVELS],
        blocking_rules_to_generate_predictions=[block_on(name) for name in blocks],
        probability_two_random_records_match=_PRIOR,
        retain_matching_columns=False,
    )
    return Linker(database.register(table), settings, log_level="ERROR")
