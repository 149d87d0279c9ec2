"""What a model is told of SQL and of questions to it: how queries can be changed, and how people ask."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Change = Literal["values", "structure", "business", "complexity", "features", "efficiency"]
Style = Literal[
    "formal", "colloquial", "imperative", "interrogative", "descriptive", "concise", "vague", "metaphorical"
]

CHANGES: Mapping[Change, str] = MappingProxyType(
    {
        "values": "Other values: keep the shape of the query and ask for another case of it. Replace names, codes, "
        "dates, numbers, limits or the number of rows by others that are in the data; a comparison may turn round or "
        "take its limit in or out.",
        "structure": "Another structure: return exactly the same result by other means. Write a subquery as a join or "
        "as a common table expression, a join as EXISTS or IN, a set operation as a condition, nested steps in another "
        "order; whatever rows the tables may hold, both queries give the same.",
        "business": "Another question: stay with these tables and ask for something else that matters to whoever works "
        "with them: another measure, another group, the exceptions instead of the rule, a share or a ratio instead of "
        "a count, those without instead of those with.",
        "complexity": "More complex: keep what is asked for and add one or two things the answer has to take into "
        "account: a further table, a condition on groups, a comparison with the average or with another group, a "
        "ranking within groups.",
        "features": "Advanced features: ask for something that window functions, recursive or several common table "
        "expressions, conditional aggregates, or the functions of this dialect for dates, text or JSON answer "
        "best, close to what is asked now.",
        "efficiency": "More efficient: return exactly the same result with less work. Filter and group before "
        "joining, replace a subquery that runs for each row, join no table that adds nothing, use conditions "
        "that an index can serve, use UNION ALL where no duplicates can be, sort once.",
    }
)
"""What can be done to a query, in the words in which a model is asked for it."""

STYLES: Mapping[Style, str] = MappingProxyType(
    {
        "formal": "Formal: correct and complete sentences in the tone of a report or a letter, with exact terms, "
        "without contractions and without small talk.",
        "colloquial": "Colloquial: as one says it to a colleague across the desk, with contractions and everyday words, "
        "friendly and direct, yet with every condition in it.",
        "imperative": "Imperative: an order that begins with a verb, such as show, list, find, give, count or rank, "
        "without a question mark.",
        "interrogative": "Interrogative: one real question that begins with a word such as which, who, how many, when "
        "or is there, and ends in a question mark.",
        "descriptive": "Descriptive: two or three sentences. The first says who is asking and what for, the next "
        "say in detail what is wanted, with its conditions and its order.",
        "concise": "Concise: as few words as will do, as in a headline or a search box, a phrase rather than a sentence; "
        "no condition and no value is left out.",
        "vague": "Vague: as somebody asks who knows what they need but not how it is measured. One or two conditions, "
        "limits or terms are put in loose words such as recent, large, good customers or busy; what exactly they mean "
        "stands in the evidence. Values that nobody could guess stay in the question or in the evidence.",
        "metaphorical": "Metaphorical: one central thing is called by an image, such as the heavyweights for the largest "
        "or the sleeping beauties for what nobody has touched. The picture fits and can be told from the rest of the "
        "question, which stays plain; what it stands for in the data is said in the evidence.",
    }
)
"""How people ask, in the words in which a model is asked for it."""

EXPLAINED: frozenset[Style] = frozenset({"vague", "metaphorical"})
"""Styles that leave something open, which evidence has to say."""
