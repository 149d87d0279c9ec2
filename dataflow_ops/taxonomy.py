"""Where questions are filed: 28 fields of mathematics in seven areas, and the subjects of all other questions."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, get_args

Foundations = Literal["Mathematical Logic and Set Theory", "Basic Theory, Formalization, and History & Education"]
Algebra = Literal[
    "Linear Algebra and Group Theory",
    "Ring Theory, Field Theory, and Polynomial Algebra",
    "Commutative Algebra and Homological/Categorical Methods",
    "Number Theory",
    "Algebraic Geometry",
]
Analysis = Literal[
    "Real Analysis, Measure Theory, and Functional Analysis",
    "Complex Analysis and Special Functions",
    "Differential Equations and Dynamical Systems",
    "Integral Transforms, Integral Equations, and Difference Equations",
    "Harmonic Analysis",
]
Geometry = Literal[
    "Euclidean, Analytic, and Convex/Discrete Geometry",
    "Differential Geometry and Manifold Theory",
    "Topology and Algebraic Topology",
]
Chance = Literal[
    "Probability Theory and Stochastic Processes", "Mathematical Statistics", "Combinatorics and Graph Theory"
]
Applied = Literal[
    "Numerical Analysis and Computational Methods",
    "Optimal Control, Variational Methods, and Optimization",
    "Operations Research and Game Theory",
    "Systems Theory and Control",
    "Computer Science and Algorithms",
    "Mathematical Physics and Engineering Mathematics",
    "Information and Communication",
    "Biomathematics",
]
Arithmetic = Literal["Basic Arithmetic and Number Operations", "Word Problems and Real-Life Applications"]

Field = Literal[Foundations, Algebra, Analysis, Geometry, Chance, Applied, Arithmetic]
"""What a mathematical question is filed under."""

Health = Literal["Medicine", "Pharmacology", "Public Health", "Psychology"]
State = Literal["Law", "Politics and Administration"]
Business = Literal["Finance", "Accounting", "Economics", "Management"]
Nature = Literal["Physics", "Chemistry", "Biology", "Earth and Environment"]
Technology = Literal["Engineering", "Computer Science", "Mathematics"]
Culture = Literal["History", "Philosophy and Religion", "Language and Literature", "Arts and Sport"]
Life = Literal["Society and Education", "Everyday Life"]

Subject = Literal[Health, State, Business, Nature, Technology, Culture, Life]
"""What any other question is filed under."""


def _areas(areas: Mapping[str, Any]) -> Mapping[str, str]:
    return MappingProxyType({name: area for area, names in areas.items() for name in get_args(names)})


AREA_OF_FIELD = _areas(
    {
        "Foundations and Logic": Foundations,
        "Algebra and Number Theory": Algebra,
        "Analysis and Differential Equations": Analysis,
        "Geometry and Topology": Geometry,
        "Probability, Statistics, and Discrete Mathematics": Chance,
        "Applied and Computational Mathematics": Applied,
        "Arithmetic": Arithmetic,
    }
)
"""The area of mathematics in which each field lies."""

AREA_OF_SUBJECT = _areas(
    {
        "Health": Health,
        "Law and Government": State,
        "Business and Economics": Business,
        "Natural Sciences": Nature,
        "Engineering and Mathematics": Technology,
        "Humanities and Arts": Culture,
        "Society and Everyday Life": Life,
    }
)
"""The area in which each subject lies."""
