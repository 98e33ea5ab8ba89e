"""What the actions of a window depend on, read from its session."""

from cephview.core.tracing import State
from cephview.ui.actions.needs import Situation
from cephview.ui.learning.finetuning import Stage
from cephview.ui.session import Session


def _of_learning(session: Session) -> dict[str, bool]:
    learning = session.finetuning.learning
    return {
        "can_learn": learning.stage is Stage.IDLE and session.models.active is not None,
        "is_learning": learning.stage is Stage.RUNNING,
        "is_interrupted": learning.stage is Stage.INTERRUPTED,
        "is_judged": learning.result is not None,
        "is_judged_better": learning.result is not None and learning.result.is_better,
    }


def situation_of(session: Session) -> Situation:
    """Return what a session allows now."""
    editor, films = session.editor, session.films
    tracing = editor.tracing
    has_film = editor.film is not None and tracing is not None
    chosen = tracing[editor.selection] if tracing is not None and editor.selection else None
    is_placed = chosen is not None and chosen.best is not None
    is_confirmed = chosen is not None and chosen.state is State.CONFIRMED
    batch = session.behind.batch
    return Situation(
        has_film=has_film,
        has_selection=chosen is not None,
        is_chosen_placed=is_placed,
        is_chosen_confirmable=is_placed and not is_confirmed,
        is_confirmable=bool(editor.review.next_to_check("")),
        can_undo=editor.can_undo,
        can_redo=editor.can_redo,
        can_detect=has_film and session.models.active is not None and session.detecting.is_allowed,
        is_detecting=session.detecting.is_busy,
        has_traced_films=films.is_any_traced() or not session.readings.current.is_first,
        has_films=films.rowCount() > 0,
        has_own_scale=session.scaling.is_changed,
        is_turned=session.turning.is_turned,
        is_first_reading=session.readings.current.is_first,
        is_comparing=session.comparing.is_on,
        is_pair_chosen=session.comparing.chosen is not None,
        can_batch=films.rowCount() > 0
        and session.detecting.is_allowed
        and session.models.active is not None
        and not batch.is_running
        and not session.opening.is_underway,
        is_batch_running=batch.is_running,
        has_failures=bool(batch.standing.failures),
        has_earlier_model=session.models.previous is not None,
        **_of_learning(session),
    )
