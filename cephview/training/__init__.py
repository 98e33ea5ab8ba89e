"""Training, evaluation and fine-tuning of the dual encoder. No window code, so it runs anywhere."""


class TrainingError(Exception):
    """What a training cannot do, in one sentence that says what to change."""


class Stopped(Exception):  # noqa: N818 - a request that was met, not an error
    """The training was asked to stop, and did."""
