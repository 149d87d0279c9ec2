"""What tests of pipelines ask about funnels, and how they put samples where a pipeline reads them."""

from collections import Counter


def put_sample(pipeline, module, folder):
    """Put a sample, the truth about it included: only the judge reads that."""
    module.write(folder)
    for path in folder.iterdir():
        pipeline.put(path.name, path.read_bytes())


def accounted_for(funnel):
    """Say whether every row that was read or made went out, or was dropped or rejected."""
    made = sum(step["made"] for step in funnel["steps"])
    return funnel["rows_in"] + made == funnel["rows_out"] + sum(dropped(funnel).values()) + funnel["rejected"]


def dropped(funnel):
    """Return how many rows were dropped for which reason."""
    found = Counter()
    for step in funnel["steps"]:
        found.update({why: entry["rows"] for why, entry in step["dropped"].items()})
    return found
