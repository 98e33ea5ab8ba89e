"""How a fine-tuned model was judged, as it is kept beside it for ever."""

import json
from dataclasses import asdict

from cephview.core.learning import FinetuneResult

# In the model's folder. It names films of the clinic, so it is no part of an exported model.
FILE = "judged.json"


def to_json(result: FinetuneResult) -> str:
    """Write a judgement; formats.learning_files reads it."""
    return json.dumps(asdict(result))
