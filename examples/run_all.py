"""Run the examples in full, and keep what they print (output.txt) and draw (pictures).

python run_all.py                       all of them, as `make examples` does
python run_all.py tuned_vectors         some of them
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLES = (
    *("learned_embedding", "pretrained_vectors", "exported_vectors", "tuned_vectors"),
    "averaged_and_lstm",
)
OUTPUT = HERE / "output.txt"


def recorded() -> dict[str, str]:
    """What each example printed last time."""
    parts = OUTPUT.read_text(encoding="utf-8").split("== ")[1:] if OUTPUT.exists() else []
    return dict(part.split("\n", 1) for part in parts)


def main() -> None:
    outputs = recorded()
    for name in sys.argv[1:] or EXAMPLES:
        print(f"== {name}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, str(HERE / f"{name}.py")]
            finished = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True)
            print(finished.stdout, flush=True)
            if finished.returncode:
                sys.exit(f"{name} failed with exit code {finished.returncode}")
            outputs[name] = finished.stdout
            shutil.copy(Path(folder) / f"{name}.png", HERE / "pictures")
        OUTPUT.write_text("".join(f"== {name}\n{outputs[name]}" for name in EXAMPLES if name in outputs))


if __name__ == "__main__":
    main()
