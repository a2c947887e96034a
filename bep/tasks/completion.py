"""The task `completion`: what a shell offers for the word that is being typed.

Titles are other people's text. A script passes them on as data, and no shell evaluates them: bash
gets them only for a list that it shows and does not insert.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..errors import unknown
from ..output import say, write
from .command import command

_BASH = """\
# Completion of bep for bash: eval "$(bep completion bash)"
_bep() {
    local value meaning word=${COMP_WORDS[COMP_CWORD]}
    COMPREPLY=()
    while IFS=$'\\t' read -r value meaning; do
        if [[ $COMP_TYPE == 63 ]]; then
            # Bash shows these and inserts nothing.
            COMPREPLY+=("$value${meaning:+  $meaning}")
        elif [[ $value != *[^[:alnum:]._=/,-]* ]]; then
            COMPREPLY+=("$value")
        elif [[ $word != [\\"\\']* ]]; then
            COMPREPLY+=("$(printf '%q' "$value")")
        elif [[ $value != *[^[:alnum:]\\ ._=/,-]* ]]; then
            # Within quotes bash inserts the value as it is.
            COMPREPLY+=("$value")
        fi
    done < <(bep completion bash -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o nosort -o default -F _bep bep
"""
_ZSH = """\
#compdef bep
# Completion of bep for zsh: eval "$(bep completion zsh)", or this text as a file _bep in $fpath.
_bep() {
    local value meaning
    local -a values shown
    while IFS=$'\\t' read -r value meaning; do
        values+=("$value")
        shown+=("$value${meaning:+  $meaning}")
    done < <(bep completion zsh -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)
    if (( $#values )); then
        compadd -l -d shown -a values
    else
        _files
    fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _bep "$@"
else
    compdef _bep bep
fi
"""
_FISH = """\
# Completion of bep for fish: bep completion fish | source
function __bep
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l found (bep completion fish -- $words[2..-1] "$word" 2>/dev/null)
    if set -q found[1]
        printf '%s\\n' $found
    else
        __fish_complete_path "$word"
    end
end
complete --command bep --no-files --arguments '(__bep)'
"""
_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
# What a list shows of a title.
_SHOWN = 60


@command(
    positions=["shell", "words"],
    lists=["words"],
    required=["shell"],
    sources={"shell": "|".join(_SCRIPTS)},
    help={
        "shell": "bash, zsh or fish.",
        "words": "The words typed so far: print completions of the last one. Used by the scripts.",
    },
    examples=[
        'eval "$(bep completion bash)"',
        'eval "$(bep completion zsh)"',
        "bep completion fish | source",
    ],
)
def completion(shell: str = "", words: Sequence[str] = ()) -> None:
    """Print the script that completes `bep` in a shell.

    It completes tasks, options, numbers (with titles), statuses, rules, sections, layouts, authors,
    and otherwise files. Put the line for your shell into ~/.bashrc, ~/.zshrc (after compinit) or
    ~/.config/fish/config.fish.
    """
    if shell not in _SCRIPTS:
        raise unknown("shell", shell, _SCRIPTS)
    if not words:
        write(_SCRIPTS[shell])
        return
    for value, meaning in _offered(shell, words):
        say(f"{value}\t{meaning[:_SHOWN]}")


def _offered(shell: str, words: Sequence[str]) -> list[tuple[str, str]]:
    """The candidates for the last of `words`, with their meanings, as the shell inserts them."""
    from . import program

    if shell != "zsh":
        words = [_unquoted(word) for word in words]
    if shell == "bash":
        words = _joined(words)
    last = words[-1]
    # For bash, `=` ends a word.
    is_whole = shell != "bash" and last.startswith("--") and "=" in last
    head = f"{last.partition('=')[0]}=" if is_whole else ""
    found = program.completions(words[:-1], last)
    return [
        (f"{head}{value}", meaning.replace("\t", " "))
        for value, meaning in found
        if value.isprintable()
    ]


def _unquoted(word: str) -> str:
    """A word as it was typed, without its quotes or backslashes; the last quote may be missing."""
    quote = word[:1]
    if quote in ("'", '"'):
        return word[1:].removesuffix(quote)
    return re.sub(r"\\(.)", r"\1", word)


def _joined(words: Sequence[str]) -> list[str]:
    """The words of bash, which takes `--option=value` for three, as they are meant."""
    result: list[str] = []
    for word in words:
        before = result[-1] if result else ""
        is_value = before.startswith("--") and before.endswith("=")
        if is_value or (word == "=" and before.startswith("--")):
            result[-1] += word
        else:
            result.append(word)
    return result
