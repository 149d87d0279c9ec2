import os
import subprocess
import sys
from pathlib import Path

import pytest

from dataflow_ops.local import warm

RUN = """
import sys
from dataflow_ops.local import warm
code = warm.main()
print(*sorted(name for name in sys.modules if name.startswith("dataflow_ops.")))
sys.exit(code)
"""


def test_reaches_every_module_with_kernels():
    # Without compiling, which takes half a minute: what matters is that every such module is used.
    env = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run([sys.executable, "-c", RUN], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    package = Path(warm.dataflow_ops.__file__).parent
    kernels = {path for path in package.rglob("*.py") if "import njit" in path.read_text()}
    assert len(kernels) >= 5
    assert {".".join(path.relative_to(package.parent).with_suffix("").parts) for path in kernels} <= set(
        done.stdout.split()
    )


@pytest.mark.parametrize("touched", [False, True])
def test_compiles_again_when_code_changed(tmp_path, monkeypatch, touched):
    monkeypatch.setattr(warm.dataflow_ops, "__file__", str(tmp_path / "__init__.py"))
    (tmp_path / "kernel.py").touch()
    before = warm.fingerprint()
    if touched:
        os.utime(tmp_path / "kernel.py", (1, 1))
    assert (warm.fingerprint() == before) is not touched
