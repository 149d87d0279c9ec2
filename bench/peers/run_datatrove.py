"""datatrove: the quality filters of its FineWeb recipe, its MinHash (14 x 8) and exact deduplication pipelines."""

import sys

from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.dedup import (
    ExactDedupFilter,
    ExactDedupSignature,
    ExactFindDedups,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.exact_dedup import ExactDedupConfig
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)
from datatrove.pipeline.readers import ParquetReader
from datatrove.pipeline.writers import ParquetWriter


def run(*steps: PipelineStep) -> None:
    """Run one pipeline in this process."""
    LocalPipelineExecutor(pipeline=list(steps), tasks=1, workers=1, skip_completed=False).run()


def rules(source: str, target: str) -> None:
    """Run the four quality filters at their defaults; C4's does not demand that lines end in punctuation, as in FineWeb."""
    run(
        ParquetReader(source),
        GopherRepetitionFilter(),
        GopherQualityFilter(),
        C4QualityFilter(filter_no_terminal_punct=False),
        FineWebQualityFilter(),
        ParquetWriter(f"{target}/survivors"),
    )


def near(source: str, target: str) -> None:
    """Run the four steps of MinHash deduplication at their defaults: 5-grams, 14 buckets of 8 hashes, normalised text."""
    config = MinhashConfig()
    run(ParquetReader(source), MinhashDedupSignature(f"{target}/signatures", config=config))
    # one task per bucket, as its documentation asks
    LocalPipelineExecutor(
        pipeline=[MinhashDedupBuckets(f"{target}/signatures", f"{target}/buckets", config=config)],
        tasks=config.num_buckets,
        workers=1,
        skip_completed=False,
    ).run()
    run(MinhashDedupCluster(f"{target}/buckets", f"{target}/remove", config=config))
    run(ParquetReader(source), MinhashDedupFilter(f"{target}/remove"), ParquetWriter(f"{target}/survivors"))


def content(document: Document) -> str:
    """Return what is compared: the text as it stands."""
    return document.text


def exact(source: str, target: str) -> None:
    """Run the three steps of exact deduplication."""
    config = ExactDedupConfig(content_getter=content)
    run(ParquetReader(source), ExactDedupSignature(f"{target}/signatures", config=config))
    run(ExactFindDedups(f"{target}/signatures", f"{target}/duplicates", config=config))
    run(
        ParquetReader(source),
        ExactDedupFilter(f"{target}/duplicates", config=config),
        ParquetWriter(f"{target}/survivors"),
    )


if __name__ == "__main__":
    {"rules": rules, "near": near, "exact": exact}[sys.argv[1]](*sys.argv[2:4])
