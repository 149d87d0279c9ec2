"""DAG runs on the real set-up, for tests: a source in S3, a run through the scheduler, what it published."""

import json
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dataflow_ops import dataset, manifest
from dataflow_ops.local import runs
from dataflow_ops.samples import text
from dataflow_ops.store import Anywhere

BUCKET = "dataflow"


@dataclass
class Pipeline:
    """A DAG with a source and a dataset of its own; the sample makes four batches."""

    airflow: object
    dag: str = "text"
    name: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def store(self):
        return Anywhere(lambda: self.airflow.s3)

    @property
    def source(self):
        return f"s3://{BUCKET}/tests/{self.name}/source/"

    @property
    def dataset(self):
        return f"s3://{BUCKET}/tests/{self.name}/dataset"

    def put(self, key, data):
        self.airflow.s3.put_object(Bucket=BUCKET, Key=f"tests/{self.name}/source/{key}", Body=data)

    def put_lines(self, key, *texts):
        self.put(key, "".join(json.dumps({"text": each}) + "\n" for each in texts).encode())

    def put_sample(self, documents):
        with tempfile.TemporaryDirectory() as folder:
            text.write(Path(folder), documents=documents)
            for path in sorted(Path(folder).rglob("*.*")):
                self.put(str(path.relative_to(folder)), path.read_bytes())

    def start(self, **conf):
        ours = {"source": self.source, "dataset": self.dataset, "shard_mib": 0.25, "batch_mib": 6}
        return runs.trigger(self.airflow.api, self.dag, ours | conf)

    def finish(self, run, seconds=300):
        """Wait for the end of a run and return its state."""
        deadline = time.monotonic() + seconds
        while (state := self.airflow.api.get(run.path)["state"]) not in ("success", "failed"):
            assert time.monotonic() < deadline, f"{run.run} is still {state} after {seconds} s: {states(run)}"
            time.sleep(1)
        return state

    def run(self, **conf):
        """Run to success; return what the last task said."""
        return self.outcome(self.start(**conf))

    def outcome(self, run, seconds=300):
        """Wait for the success of a run; return what its last task said."""
        if self.finish(run, seconds) != "success":
            pytest.fail("\n".join(run.failures()))
        return run.result()

    def fail(self, **conf):
        """Run to failure; return its error lines, and how often the failed task was tried."""
        run = self.start(**conf)
        assert self.finish(run) == "failed", states(run)
        tries = {each["task_id"]: each["try_number"] for each in run.instances() if each["state"] == "failed"}
        return "\n".join(run.failures()), tries

    def version(self):
        return dataset.latest(self.store, self.dataset)

    def funnel(self, outcome):
        return manifest.load(self.store, outcome["funnel"])


def states(run):
    return {f"{each['task_id']}[{each['map_index']}]": each["state"] for each in run.instances()}
