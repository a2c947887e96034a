"""`submit`: a written proposal becomes a pull request (guide: Step 5 and 6).

Each step finds out by itself whether it is done: the commit from HEAD, the join from the main
branch, the push from the remote, the pull request from the forge. So a call that was stopped
can be repeated, and continues.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from .. import names
from ..check import check as checking
from ..check.rules.finding import Finding
from ..check.rules.rule import Severity
from ..errors import WRONG_DOCUMENTS, BepError
from ..proposal import registry_table, related_issues
from ..system import (
    chosen_proposals,
    effects,
    file_transaction,
    git_commits,
    git_files,
    git_log,
    git_objects,
    git_process,
    git_remotes,
)
from ..system.chosen_proposals import Main
from ..system.file_transaction import Change
from ..system.repository import Repository, decode, encode
from . import (
    branch_pulls,
    forge as forges,
    gh,
    issue as issues,
    pull_request,
    registry_join,
    target as targets,
)
from .branch_pulls import Pull
from .forge import Forge
from .gh import GitHubRefusal
from .pull_request import Subject, Texts
from .target import Target


class Plan(NamedTuple):
    """What is left to do for a proposal.

    `files` are those of the commit by their paths from the root, and whether they are there;
    `contents` are what is committed of those that are not committed as they are. `fragment` is the
    news fragment among them that is to be written. `joins` says whether the main branch is merged,
    because both added rows. `pull` is the open pull request, None if there is none or nobody is
    to ask.
    """

    main: Main
    target: Target
    texts: Texts
    files: Mapping[str, bool]
    contents: Mapping[str, bytes]
    fragment: Change | None
    joins: bool
    pushes: bool
    asks_forge: bool
    pull: Pull | None
    draft: bool
    labels: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def makes_pull(self) -> bool:
        """Whether a pull request is to be made."""
        return self.asks_forge and self.pull is None

    @property
    def new_body(self) -> str:
        """The body that the open pull request is to get; '' if it has it."""
        if self.pull is None:
            return ""
        body = pull_request.updated_body(self.pull.body, self.texts.body)
        return "" if body.split() == self.pull.body.split() else body

    @property
    def new_title(self) -> str:
        """The title that the open pull request is to get; '' if a person has changed it."""
        is_ours = self.pull and pull_request.made_title(self.pull.body) == self.pull.title
        return self.texts.title if is_ours else ""

    @property
    def new_labels(self) -> list[str]:
        """The labels of a pull request that is made, or was made here and got none of them."""
        if self.pull is None:
            return [*self.labels] if self.makes_pull else []
        is_ours = bool(pull_request.made_title(self.pull.body))
        has_some = any(one.casefold() in self.pull.labels for one in self.labels)
        return [*self.labels] if is_ours and not has_some else []

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        of_branch = self.files or self.joins or self.pushes
        # Not everybody may set labels.
        return not (of_branch or self.makes_pull or self.new_body)


class Submitted(NamedTuple):
    """The pull request's page, or the one that opens it, '' if none is known."""

    page: str
    is_open: bool


def plan(
    repository: Repository,
    named: str,
    *,
    draft: bool = False,
    with_pull_request: bool = True,
    despite_errors: bool = False,
) -> Plan:
    """Find out what is left to do; asks remote and forge and changes nothing.

    Raises BepError if something prevents it: the branch, the remote, errors that `check` finds in
    what the branch changes, a pull request that was closed or merged.
    """
    # During a rebase, say, that is what is wrong, not the number.
    targets.current_branch(repository)
    main = chosen_proposals.single(repository, named)
    target = targets.find(repository)
    findings = checking.check(repository, since=target.tip).findings
    _refuse_errors(findings, despite_errors=despite_errors)
    asks_forge = with_pull_request and targets.has_gh(target.forge)
    pull = _open_pull(target) if asks_forge else None
    settings = repository.settings.pull_request
    texts = pull_request.texts(_subject(repository, main, target), settings)
    paths, contents = _own_files(repository, main)
    page = contents.get(repository.relative(repository.registry_page))
    fragment = _fragment(repository, target, texts)
    if fragment:
        contents[texts.fragment] = fragment.content
    files = _differing(repository, paths, contents)
    joins = registry_join.is_needed(repository, page, target.tip)
    head = git_objects.commit_of(repository.root, "HEAD")
    if not files and git_log.is_ancestor(repository.root, head, target.tip):
        raise BepError(
            f"{names.proposal_name(main.number)} is on {target.main} as it is here",
            "there is nothing to submit",
            code=WRONG_DOCUMENTS,
        )
    return Plan(
        main=main,
        target=target,
        texts=texts,
        files=files,
        contents={path: one for path, one in contents.items() if path in files},
        fragment=fragment,
        joins=joins,
        pushes=bool(files or joins or target.pushed != head),
        asks_forge=asks_forge,
        pull=pull,
        draft=draft or settings.draft,
        labels=settings.labels,
        findings=tuple(findings),
    )


def _refuse_errors(findings: list[Finding], *, despite_errors: bool) -> None:
    wrong = [one for one in findings if one.severity is Severity.ERROR]
    if not wrong or despite_errors:
        return
    count = "1 error" if len(wrong) == 1 else f"{len(wrong)} errors, the first"
    raise BepError(
        f"`bep check` finds {count}: {wrong[0].message}",
        "correct it, or give --despite-errors",
        wrong[0].path,
        wrong[0].line,
        WRONG_DOCUMENTS,
    )


def _open_pull(target: Target) -> Pull | None:
    """The branch's open pull request; raises BepError if it has only others."""
    found = branch_pulls.find(target.forge, target.head, base=target.main) if target.forge else []
    if opened := [one for one in found if one.state == "open"]:
        return opened[0]
    if not found:
        return None
    state = found[0].state
    raise BepError(
        f"the pull request of {target.branch} was {state}: {found[0].url}",
        "reopen it there" if state == "closed" else "make a new branch for what is new",
    )


def _subject(repository: Repository, main: Main, target: Target) -> Subject:
    documents = [main.path, *repository.sub_documents(main.number)]
    paths = [repository.relative(one) for one in documents]

    def lacks(commit: str) -> bool:
        there = git_objects.names_at(repository.root, commit, repository.settings.proposals)
        return main.number not in map(names.number_of_document, there)

    return Subject(
        number=main.number,
        document=main.document,
        slug=main.path.stem.removeprefix(f"{names.proposal_name(main.number)}-"),
        branch=target.branch,
        pages=[(path, _page(target, path)) for path in paths],
        is_new=lacks(target.tip),
        is_first=lacks("HEAD"),
    )


def _page(target: Target, path: str) -> str:
    if target.forge is None:
        return ""
    own = target.forge._replace(path=f"{target.owner}/{target.forge.name}")
    return forges.file_page(own, target.branch, path)


# --- What is committed --------------------------------------------------------------------------


def _own_files(repository: Repository, main: Main) -> tuple[list[str], dict[str, bytes]]:
    """The proposal's own files that may differ from HEAD, and the registry page to be committed.

    Of the page that is the proposal's row. Where the proposal was moved here from another name or
    number, its former files are among them.
    """
    root, folder = repository.root, repository.settings.proposals
    changed = {one.path for one in git_files.status(root, folder)}
    former = {
        old
        for new, old in git_files.renamed_files(root, "HEAD", folder).items()
        if _is_own(new, main)
    }
    own = {path for path in changed if _is_own(path, main)} | former
    page = repository.relative(repository.registry_page)
    if page not in changed:
        return sorted(own), {}
    of_former = (names.number_of_name(part) for path in former for part in path.split("/"))
    numbers = {main.number, *filter(None, of_former)}
    return sorted(own), {page: _page_with_rows(repository, page, numbers)}


def _differing(
    repository: Repository, paths: Iterable[str], contents: Mapping[str, bytes]
) -> dict[str, bool]:
    """Those of the files that HEAD has otherwise, and whether they are there."""
    try:
        return git_commits.differing(repository.root, paths, contents)
    except git_process.GitRefusal as refusal:
        raise _uncommitted(refusal) from None


def _uncommitted(refusal: git_process.GitRefusal) -> BepError:
    return BepError(f"git refused to commit: {refusal}", "correct what it names, then try again")


def _is_own(path: str, main: Main) -> bool:
    """Whether a file in the folder of proposals is one of the proposal's, or was its document."""
    if path == main.place:
        return True
    folder = main.place.rpartition("/")[0]
    below = path.removeprefix(f"{folder}/")
    first, slash, _ = below.partition("/")
    is_inside = bool(slash) and names.number_of_directory(first) == main.number
    return is_inside or below == names.answers_file(main.number)


def _page_with_rows(repository: Repository, page: str, numbers: set[int]) -> bytes:
    """The registry page as HEAD has it, with the rows of these numbers as they are here."""
    here = repository.content(repository.registry_page)
    before = git_objects.contents_at_head(repository.root, page)
    if before is None:
        return here
    try:
        registry = registry_table.read(decode(before), page)
    except BepError:
        return here
    return encode(registry_table.with_rows_of(registry, repository.read_registry(), numbers))


def _fragment(repository: Repository, target: Target, texts: Texts) -> Change | None:
    """The news fragment that is to be committed; None if none is wanted or it was made."""
    root, path = repository.root, texts.fragment
    if not path or git_log.has_changed(root, target.tip, path):
        return None
    fragment = Change(root / path, encode(f"{texts.news}\n"))
    if not repository.tree.has(fragment.path):
        return fragment
    # Written by a call that was stopped; anything else is somebody's own.
    is_ours = repository.content(fragment.path) == fragment.content
    return fragment if is_ours and git_objects.contents_at_head(root, path) is None else None


# --- What is done -------------------------------------------------------------------------------


def carry_out(repository: Repository, plan: Plan, show: Callable[[str], None]) -> Submitted:
    """Do what is left, step by step, and `show` each one that is done.

    Raises BepError if a step fails; those before it stay done, and the same call goes on.
    """
    target = plan.target
    if commit := _commit(repository, plan):
        show(f"Committed {commit[:9]}: {plan.texts.commit}")
    if plan.joins:
        registry_join.join(repository, target.tip, target.main)
        show(f"Merged {target.main} of {target.remote}: the registry has the rows of both.")
    if plan.pushes:
        _push(repository, target)
        show(f"Pushed {target.branch} to {target.push_remote}.")
    if not plan.asks_forge:
        return Submitted(opening_page(plan), is_open=False)
    done = _with_pull_request(plan, show)
    if remark := _link_issue(repository, plan, done.page):
        show(f"The pull request was not linked in JIRA: {remark}")
    return done


def _commit(repository: Repository, plan: Plan) -> str:
    """Commit the proposal's files, and return the commit; '' if nothing is left to commit."""
    root = repository.root
    with file_transaction.alone(repository.tree):
        # Another call may have been quicker.
        left = _differing(repository, plan.files, plan.contents)
        if not left:
            # One that was killed right after its commit has left the index behind.
            own, contents = _own_files(repository, plan.main)
            git_commits.follow_head(root, filter(None, [*own, *contents, plan.texts.fragment]))
            return ""
        if plan.fragment:
            file_transaction.write(repository.tree, [plan.fragment])
    contents = {path: one for path, one in plan.contents.items() if path in left}
    try:
        commit = git_commits.commit_files(root, left, contents, plan.texts.commit)
    except git_process.GitRefusal as refusal:
        if not _differing(repository, plan.files, plan.contents):
            return ""
        raise _uncommitted(refusal) from None
    effects.record_step(f"{commit[:9]} was committed")
    try:
        git_commits.follow_head(root, left)
    except git_process.GitRefusal as refusal:
        raise BepError(
            f"{commit[:9]} was committed, and the index does not know it: {refusal}",
            "try again when this is solved",
        ) from None
    return commit


def _push(repository: Repository, target: Target) -> None:
    done = git_remotes.push_branch(repository.root, target.push_remote, target.branch)
    if not done.accepted:
        raise BepError(
            f"{target.push_remote} rejected {target.branch}: {done.said}",
            "what was committed is kept; try again when this is solved",
        )
    effects.record_step(f"{target.branch} was pushed")


def _with_pull_request(plan: Plan, show: Callable[[str], None]) -> Submitted:
    forge = plan.target.forge
    if forge is None:
        return Submitted("", is_open=False)
    pull = plan.pull or _made_pull(plan, forge, show)
    if plan.new_body:
        title = {"title": plan.new_title} if plan.new_title else {}
        gh.patch(forge.host, branch_pulls.path(forge, pull.number), body=plan.new_body, **title)
        show("Updated the pull request's description.")
    if plan.new_labels:
        where = gh.path("repos", forge.owner, forge.name, "issues", pull.number, "labels")
        try:
            gh.post(forge.host, where, labels=plan.new_labels)
        except GitHubRefusal as refusal:
            show(f"The labels {', '.join(plan.new_labels)} were not set: {refusal}")
    return Submitted(pull.url, is_open=True)


def _made_pull(plan: Plan, forge: Forge, show: Callable[[str], None]) -> Pull:
    """Make the pull request; where another call just made one, that is it."""
    target = plan.target
    try:
        made = branch_pulls.make(
            forge,
            title=plan.texts.title,
            body=plan.texts.body,
            head=target.head if target.owner != forge.owner else target.branch,
            base=target.main,
            draft=plan.draft,
        )
    except GitHubRefusal as refusal:
        other = _open_pull(target) if refusal.status == 422 else None
        if other is None:
            raise
        return other
    effects.record_step("the pull request was opened")
    show("Opened the pull request.")
    return made


def _link_issue(repository: Repository, plan: Plan, page: str) -> str:
    """Link the proposal's issue in JIRA with the pull request; return why it is not, or ''."""
    if not repository.settings.jira.url:
        return ""
    try:
        tracker = issues.tracker_of(repository)
        keys = tracker.in_text(related_issues.text(plan.main.document))
        return tracker.link(keys[0], page, f"Pull request: {plan.texts.title}") if keys else ""
    except BepError as error:
        return str(error)


def opening_page(plan: Plan) -> str:
    """The page of the forge that opens a pull request of the branch, '' if none is known."""
    forge, target = plan.target.forge, plan.target
    if forge is None:
        return ""
    head = target.branch if target.owner == forge.owner else target.head
    return forges.new_pull_request_page(forge, target.main, head, plan.texts.title, plan.texts.body)
