"""Where the benchmark finds and keeps things."""

from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
VENV = ROOT / ".venv-joeynmt"
"""JoeyNMT's own environment."""
JOEYNMT = VENV / "bin" / "python"
"""Its interpreter."""
DATA = ROOT / "data" / "multi30k_en_de"
"""The dataset, unless another one is named."""
WORK = ROOT / "runs" / "benchmarks" / "joeynmt"
"""Texts, models and results, unless another folder is named."""
