"""Lines that answer an open question in place, and those that only put the answer off."""

from __future__ import annotations

import re

from ..markdown.patterns import pattern

_ANSWER = pattern(
    r"""[ \t]*+ (?: (?:[-+*]|[0-9]{1,9}[.)]) [ \t]++ )?+ (?: \*\* | __ )?+
        (?: ==> | (?: → | -> | => )?+ [ \t]*+
            (?: answer(?:ed)? | resolved | resolution | decision | decided )
            (?: [ \t]* : | \*\*[ \t]*: ) )""",
    re.VERBOSE | re.IGNORECASE,
)
# An answer that puts off the answer: it begins with such words, and does not merely contain them.
_POSTPONED = pattern(
    r"""[\W_]*+ (?: (?: we | this | it | that | is | are | was | be | will | shall | should | must
                    | can | has | have | been | still | yet | currently | left | leave | keep
                  ) \b [\W_]*+ )*+
        (?: \Z
          | t\.?b\.?[acd]\b | to\W?do\b | wip\b
          | to\ be\ (?: announced | agreed | clarified | confirmed | decided | defined | determined
                     | discussed | done | investigated | made | resolved | seen | settled )\b
          | (?: to\ )?
            (?: made | (?: clarif | confirm | decid | defin | determin | discuss | settl )\w* )
            (?: \ (?: it | this | that ) )?
            \ (?: after | at\ a | in\ (?: a | the ) | later | once | until | when )\b
          | (?: deferred | delayed | on\ hold | open | outstanding | parked | pending | postponed
              | unanswered | unclear | undecided | unknown | unresolved )
            (?: [\W_]*\Z | [\W_]* [^\w\s] | \ (?: at | for | on | till | to | until )\b )
          | (?: not | none | nothing | no\ (?: agreement | answer | consensus | decision ) )
            (?: [\W_]*\Z | \ (?: answered | clear | decided | determined | final | known | resolved
                              | settled | so | yet )\b )
          | (?: for\ )? later\b | (?: in | under )\ discussion\b | revisit | wait(?: ing )?\ for\b
          | needs?\ (?: more\ | further\ )?
            (?: clarification | data | discussion | input | investigation | research )\b
        )""",
    re.VERBOSE | re.IGNORECASE,
)


def answers(line: str, next_line: str = "") -> bool:
    """Whether a line answers a question; if nothing is after its colon, the next line does."""
    return _ANSWER.match(line) is not None and not puts_off(line, next_line)


def puts_off(line: str, next_line: str = "") -> bool:
    """Whether a line such as "Decision: later" only says that there will be an answer."""
    answer = _ANSWER.match(line)
    if answer is None:
        return False
    said = line[answer.end() :].strip(" \t*_") or next_line
    return is_put_off(said)


def is_put_off(answer: str) -> bool:
    """Whether an answer only says that there will be one, such as "TBD"."""
    return _POSTPONED.match(answer) is not None
