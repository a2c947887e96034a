"""Every long single-file document of the corpus goes through `segment`, and then an update."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
import yaml

from tests.conftest import CORPUS, Call, run_git, state
from tests.segment import divided
from tests.series import REVISIONS, revise, template_at_v1

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")

# What the structure of a document needs: 1003 has no Proposed Design, 1013 says only a little
# there; in 1026 and 1032 other sections are long too.
PLANS: dict[str, list[str]] = {
    "BEP-1003-define-test-scenario-verifying-agent-functionality.md": [
        "`check_and_pull`=check-and-pull",
        "`create_kernels`=create-kernels",
        "`destroy_kernel`=destroy-kernel",
        "`restart_kernel`=restart-kernel",
        "`commit`=commit",
        "`push_image`=push-image",
        "`purge_images`=purge-images",
        "`shutdown_service`=shutdown-service",
        "`accept_file`=accept-file",
        "`download_file`=download-file",
        "`download_single`=download-single",
        "`list_files`=list-files",
        "`create_local_network`=create-local-network",
        "`destroy_local_network`=destroy-local-network",
    ],
    "BEP-1013-GraphQL-schema-for-new-model-service.md": [
        "Core Entities=core-entities",
        "ModelDeployment=model-deployment",
        "ModelRevision=model-revision",
        "Input Types=input-types",
        "Mutation Examples=mutation-examples",
    ],
    "BEP-1024-agent-rpc-connection-pooling.md": [],
    "BEP-1026-fair-share-scheduler.md": [
        "1. Fair Share Algorithm=fair-share-algorithm",
        "2. 2-Tier Storage Architecture=storage-architecture",
        "3. Database Schema=database-schema",
        "4. Period Slice Generation Pattern=period-slices",
        "5. Fair Share Concept Definitions=concepts",
        "6. FairShareSequencer Implementation=sequencer",
        "7. Batch Aggregation Service=batch-aggregation",
        "8. Sequencer Registration=sequencer-registration",
        "9. Per-tier Share (Weight) Storage Structure=weight-storage",
        "Configuration=configuration",
        "REST API=rest-api",
        "GraphQL API=graphql-api",
    ],
    "BEP-1032-unified-input-validation.md": [],
    "BEP-1041-scope-based-graphql-api-naming.md": [],
    "BEP-1053-router-frontend-mode.md": [],
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The corpus as a repository, 1053 as it was in one file; and its template at v1.0.0."""
    folder = tmp_path_factory.mktemp("corpus")
    template = template_at_v1(folder / "template")
    repository = folder / "repository"
    shutil.copytree(CORPUS / "proposals", repository / "proposals")
    shutil.copytree(
        CORPUS / "segmented-by-hand" / "before", repository / "proposals", dirs_exist_ok=True
    )
    # Of the two with this number, the other one was never registered.
    (repository / "proposals/BEP-1026-email-notification-channel.md").unlink()
    (repository / "invoke.yaml").write_text(f"bep:\n  template: {template}\n")
    run_git(repository, "init", "--quiet")
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "--quiet", "--message=Corpus")
    revise(template, REVISIONS["guidance reworded"], "v1.1.0")
    revise(template, REVISIONS["section added"], "v1.2.0")
    run_git(template, "tag", "--delete", "v1.1.0", "v1.2.0")
    return repository, template


def documents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode()
        for path in sorted((folder / "proposals").rglob("*.md"))
    }


def errors_of(folder: Path, call: Call) -> Counter[tuple[str, str]]:
    found = json.loads(call(folder, "check", "--all", "--format", "json")[1])
    return Counter((one["rule"], one["message"]) for one in found if one["severity"] == "error")


def committed(folder: Path, message: str) -> None:
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", f"--message={message}")


def named_in_answers(repository: Path, number: int) -> set[str]:
    """The sub-documents that the answers file of a segmented proposal names."""
    file = repository / f"proposals/.copier/.copier-answers.BEP-{number}.yml"
    answers = yaml.safe_load(file.read_text())
    assert answers["layout"] == "segmented"
    named = {f"{one['name']}.md" for one in answers["components"]}
    return named | {f"{one}.md" for one in ("migration", "overview") if answers[f"{one}_document"]}


def test_every_long_document_is_divided_and_updated(corpus: tuple[Path, Path], call: Call):
    repository, template = corpus
    before = documents(repository)
    long = [
        path
        for path, text in before.items()
        if path.count("/") == 1
        and text.count("\n") > 500
        and not list((repository / path[:18]).glob("*.md"))
    ]
    assert {Path(path).name for path in long} == set(PLANS)
    broken = {path: divided.broken(repository, path) for path in before}
    errors = errors_of(repository, call)

    for path in long:
        plan = [word for one in PLANS[Path(path).name] for word in ("--component", one)]
        code, _, said = call(repository, "segment", path, *plan)
        assert (code, said) == (0, ""), path
    committed(repository, "Segments")
    after = documents(repository)
    made = {path.name for path in (repository / "proposals/BEP-1053").glob("*.md")}
    assert {"migration.md"} < made == named_in_answers(repository, 1053)

    for path in long:
        folder = f"proposals/{Path(path).name[:8]}/"
        made = [path, *(one for one in after if one.startswith(folder))]
        assert len(made) > 3, path
        held = sum((divided.author_lines(after[one]) for one in made), Counter())
        assert divided.author_lines(before[path]) - held == Counter(), path
        held = sum((divided.fences(after[one]) for one in made), Counter())
        assert divided.fences(before[path]) == held, path
        held = sum((divided.tables(after[one]) for one in made), Counter())
        assert divided.tables(before[path]) - held == Counter(), path
        now = sum((divided.broken(repository, one) for one in made), Counter())
        assert sum(now.values()) == sum(broken[path].values()), (path, now, broken[path])
    for path in before:
        if path not in long:
            assert divided.broken(repository, path) == broken[path], path
    assert errors_of(repository, call) - errors == Counter()

    run_git(template, "tag", "v1.2.0")
    code, out, said = call(repository, "update", ",".join(Path(one).name[4:8] for one in long))
    assert (code, said) == (0, "")
    assert f"{len(long)} merged" in out
    updated = documents(repository)
    for path in long:
        assert "## Alternatives" in updated[path]
        for one in [path, *(one for one in after if one.startswith(f"{path[:18]}/"))]:
            lost = divided.author_lines(after[one]) - divided.author_lines(updated[one])
            assert lost == Counter(), one
    committed(repository, "Update")
    settled = state(repository)
    call(repository, "update", "--final")
    assert state(repository) == settled
