"""What candidates cost: processor time and memory, in a process of its own for each number."""

import json
import subprocess
import sys
from collections.abc import Sequence

from tts.training.evaluation.speed import SENTENCE

MEASURE = """
import json, re, sys, time
from pathlib import Path
from tts import Delivery, load
count, sentence = sys.argv[1:]
synthesizer = load()
delivery = Delivery(best_of=int(count))
synthesizer.speak(sentence, delivery)
seconds = []
for _ in range(5):
    begun = time.process_time()
    speech = synthesizer.speak(sentence, delivery)
    seconds.append(time.process_time() - begun)
first = time.process_time()
next(synthesizer.stream(sentence, delivery))
first = time.process_time() - first
status = Path("/proc/self/status").read_text()  # ru_maxrss has the peak of the parent in it
peak = int(re.search(r"VmHWM:\\s*(\\d+) kB", status)[1]) / 1024
factor = min(seconds) / speech.seconds
print(json.dumps({"processor_factor": factor, "first_sound_ms": 1000 * first, "peak_mib": peak}))
"""


def measure_costs(counts: Sequence[int]) -> list[dict[str, float]]:
    """For each number of candidates, chosen by the ensemble on one thread.

    The processor time of a second of sound, that until the first sound of a stream, and the peak of
    memory. Of five rounds the least time counts, which a busy machine changes least.
    """
    found = []
    for count in counts:
        command = [sys.executable, "-c", MEASURE, str(count), SENTENCE]
        made = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found.append({"count": count, **json.loads(made.splitlines()[-1])})
    return found
