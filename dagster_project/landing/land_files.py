"""Land files: find them, plan them, commit them group by group, and say what happened."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.errors import UsageError
from dagster_project.landing.committing import Committed, FileCommit, SourceLostError
from dagster_project.landing.decoding.chunk_decoding import decode_task
from dagster_project.landing.decoding.chunk_sharing import shared
from dagster_project.landing.decoding.head_start import is_as_begun, likely_group
from dagster_project.landing.decoding.loaded_formats import formats_by_name
from dagster_project.landing.decoding.workers import Workers, refuse_to_land_while_coming_up, workers_for
from dagster_project.landing.ledger import Ledger
from dagster_project.landing.planning import Planner, state_of
from dagster_project.landing.plans import LATER, Plan, commit_groups
from dagster_project.landing.reading.file_states import FileState
from dagster_project.landing.reading.sources import Skipped, Source, find_sources
from dagster_project.landing.summary import LandingSummary, Progress, landed_file
from dagster_project.landing.writing.work_folder import WorkFolder, work_folder
from dagster_project.payloads.consent import Consent
from dagster_project.settings import Settings
from dagster_project.snapshots import Snapshot, read_snapshot, writer_lock

if TYPE_CHECKING:
    from dagster_project.declarations import Declarations  # workers, who import this too, need none


def land(
    settings: Settings,
    paths: Sequence[Path | str],
    *,
    source: str | None = None,
    map_files: Sequence[Path] = (),
    keep_payloads: bool = False,
    declarations: "Declarations | None" = None,
    progress: Callable[[Progress], None] | None = None,
    stays_open: bool = False,
) -> LandingSummary:
    """Land every file below the paths; each commit is a snapshot, whole or not there at all.

    `source` forces a format by name; `map_files` are user-written maps. Units that cannot land are
    quarantined and counted; files that no format takes are listed in the summary, not raised.
    `stays_open`: more is done with what landed, and until `end_landing` says that it is, a landing carries
    this one on: it gives up no tail that this one saw first.
    Raises UsageError for no path, an empty folder, an unknown format or a wrong map.
    """
    refuse_to_land_while_coming_up()
    consent_table = None if declarations is None else declarations.tables.get("consent")
    consent = Consent.declared(consent_table, flag=keep_payloads)
    sources, skipped = find_sources(settings, paths)
    summary = LandingSummary(skipped=skipped)
    try:
        with (
            writer_lock(settings),
            work_folder(settings, stays_open=stays_open) as work,
            workers_for(settings) as workers,
            ThreadPoolExecutor(max_workers=max(1, settings.workers)) as readers,
        ):
            snapshot = read_snapshot(settings)
            ledger = Ledger.read(settings, snapshot)
            # Both go on while formats are loaded: nothing else is done until workers have come up.
            workers.start(work_bytes=_unknown_bytes(sources, ledger))
            states = readers.map(partial(state_of, ledger=ledger), sources)
            planner = Planner(
                settings,
                ledger=ledger,
                source=source,
                map_files=tuple(map_files),
                consent=consent,
                settled_number=work.began_at,
            )
            landing = _Landing(
                settings,
                planner,
                workers=workers,
                work=work,
                consent=consent,
                map_files=tuple(map_files),
                summary=summary,
                say=progress or (lambda _progress: None),
            )
            landing.begin(likely_group(planner, ledger, sources, commit_bytes=settings.commit_bytes))
            plans = _plans(planner, sources, list(states), summary)
            summary.snapshot_number = landing.run(plans, snapshot).number
    except OSError as error:
        name = error.filename or "a file"
        raise UsageError(
            f"{name} could not be read or written while landing: {error.strerror or error}.",
            remedy="What was committed before stays; repair the cause and land the same paths again.",
        ) from error
    return summary


class _Landing:
    """The commits of one landing: everything new first, then what is left to do with what has landed.

    In that order also when a killed landing is carried on, so that both make the same commits.
    """

    def __init__(
        self,
        settings: Settings,
        planner: Planner,
        *,
        workers: Workers,
        work: WorkFolder,
        consent: Consent,
        map_files: tuple[Path, ...],
        summary: LandingSummary,
        say: Callable[[Progress], None],
    ) -> None:
        self._settings = settings
        self._planner = planner
        self._workers = workers
        self._work = work
        self._consent = consent
        self._map_files = map_files
        self._summary = summary
        self._say = say
        self._progress = Progress()
        self._begun: list[Plan] = []
        self._begun_in: Path | None = None

    def begin(self, likely: list[Plan]) -> None:
        """Have workers begin with what will most likely be the first commit, while its files are hashed."""
        if not likely:
            return
        work = self._work.fresh_folder()
        shares = shared(
            likely,
            formats=formats_by_name(self._settings, self._map_files),
            settings=self._settings,
            map_files=self._map_files,
            consent=self._consent,
            work=work,
        )
        if self._workers.begin(decode_task, shares.tasks):
            self._begun, self._begun_in = likely, work

    def run(self, plans: Sequence[Plan], snapshot: Snapshot) -> Snapshot:
        """Commit all there is to do; the last snapshot."""
        new = [plan for plan in plans if plan.action != "repeat"]
        self._summary.older = [plan.source.display for plan in plans if self._planner.is_of_other_version(plan)]
        self._workers.start(work_bytes=sum(plan.weight for plan in new))
        snapshot = self._commit(new, snapshot)
        for action in LATER:
            later: dict[str, Plan] = {}  # one of several files of one content
            for plan in plans:
                more = self._planner.later(plan, action)
                if more is not None:
                    later.setdefault(plan.identity_sha256, more)
            snapshot = self._commit(list(later.values()), snapshot)
        self._summary.without_workers = self._workers.missing
        self._workers.let_go()
        self._work.clear()
        touched = {file.path for file in self._summary.files}
        lost = {skipped.path for skipped in self._summary.skipped}
        for plan in plans:
            if plan.source.display in touched | lost:
                continue
            if (row := self._planner.row_of(plan)) is not None:
                self._summary.repeated.append(landed_file(plan, row))
            else:
                self._pass_over(plan, "a file of the same content was rewritten while it was landed")
        return snapshot

    def _commit(self, plans: Sequence[Plan], snapshot: Snapshot) -> Snapshot:
        self._tell(of_files=len(plans), of_bytes=sum(plan.weight for plan in plans))
        for planned in commit_groups(plans, commit_bytes=self._settings.commit_bytes):
            group, committed = self._commit_group(planned, snapshot)
            if committed is not None:
                snapshot = committed.snapshot
                self._planner.committed(committed.rows)
                self._summary.add(group, committed)
            self._tell(files=len(planned))
        return snapshot

    def _commit_group(self, group: list[Plan], snapshot: Snapshot) -> tuple[list[Plan], Committed | None]:
        """Commit the files but for those that get lost meanwhile; which they were, None when none is left."""
        while group:
            before = self._progress
            work, was_begun = self._start(group)
            commit = FileCommit(
                self._settings,
                group,
                parent=snapshot,
                work=work,
                was_begun=was_begun,
                workers=self._workers,
                consent=self._consent,
                map_files=self._map_files,
                decoded=lambda count: self._tell(bytes=count),
            )
            try:
                return group, commit.run()
            except SourceLostError as lost:
                self._progress = before
                self._pass_over(lost.plan, lost.why)
                group = [plan for plan in group if plan is not lost.plan]
        return [], None

    def _start(self, group: list[Plan]) -> tuple[Path, bool]:
        """Where the group's tasks write, and whether workers have begun with them; what else was begun is dropped."""
        begun_in, self._begun_in = self._begun_in, None
        if begun_in is not None and is_as_begun(group, self._begun):
            return begun_in, True
        self._workers.drop()
        return self._work.fresh_folder(), False

    def _pass_over(self, plan: Plan, why: str) -> None:
        self._summary.skipped.append(Skipped(plan.source.display, why, is_named=True))

    def _tell(self, **more: int) -> None:
        self._progress = self._progress.with_more(**more)
        self._say(self._progress)


def _unknown_bytes(sources: Sequence[Source], ledger: Ledger) -> int:
    """Bytes of the files that look new by path and size: what workers will most likely have to do."""
    size = 0
    for source in sources:
        row = ledger.of_path(source.display)
        try:
            bytes_now = source.path.stat().st_size
        except OSError:
            continue  # gone or closed: planning says so
        if row is None or row["file_bytes"] != bytes_now:
            size += bytes_now
    return size


def _plans(
    planner: Planner, sources: Sequence[Source], states: Sequence[FileState | Skipped], summary: LandingSummary
) -> list[Plan]:
    """A plan for each file that some format takes; the others go to the summary."""
    plans = []
    for found, state in zip(sources, states, strict=True):
        plan = state if isinstance(state, Skipped) else planner.plan(found, state)
        if isinstance(plan, Skipped):
            summary.skipped.append(plan)
        else:
            plans.append(plan)
    return plans
