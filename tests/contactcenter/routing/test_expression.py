import time

import pytest
from hypothesis import given, settings, strategies as st

from contactcenter.routing.expression import (
    COMPARISONS,
    DEEPEST,
    LONGEST,
    Anybody,
    Attributes,
    Expression,
    Has,
    Level,
    LevelIn,
    Mistake,
    OneOf,
    Terms,
    every,
    negation,
    read,
    some,
    terms,
)

ANNA = Attributes(
    languages={"it": 5, "uk": 3},
    skills={"tributi": 2, "carta-identita": 4},
    topics=frozenset({"tari-rimborso"}),
    offices=frozenset({"accoglienza"}),
    level=3,
)
NOBODY_SPECIAL = Attributes()


@pytest.mark.parametrize(
    "text, holds",
    [
        ("", True),
        ("  \n ", True),
        ("TRUE", True),
        ("1==1", True),
        ("1 == 2", False),
        ('languages HAS "it"', True),
        ('languages has "de"', False),
        ('languages NOT HAS "de"', True),
        ('"uk" IN languages', True),
        ('"uk" NOT IN languages', False),
        ('languages IN ["de", "uk"]', True),
        ('languages NOT IN ["de", "fr"]', True),
        ('offices IN ["tributi"]', False),
        ("level >= 4", False),
        ("level == 3", True),
        ("level != 3", False),
        ("4 > level", True),
        ("level IN [1, 3]", True),
        ("level NOT IN [1, 3]", False),
        ("languages.uk >= 3", True),
        ("languages.uk > 3", False),
        ("skills.carta-identita >= 2", True),
        ('languages HAS "it" AND (topics HAS "tributi" OR level >= 4)', False),
        ('languages HAS "it" AND (topics HAS "tari-rimborso" OR level >= 4)', True),
        ('NOT languages HAS "de" AND level < 4', True),
        ('NOT (languages HAS "it" AND level < 4)', False),
        ('languages HAS "it" OR languages HAS "de" AND level > 4', True),  # AND binds tighter
        ('(languages HAS "it" OR languages HAS "de") AND level > 4', False),
    ],
)
def test_a_requirement_holds_for_anna(text: str, holds: bool) -> None:
    assert read(text).holds(ANNA) is holds


@pytest.mark.parametrize("sign", ["== 1", "!= 1", "< 1", "> 1", "<= 5", ">= 1", "IN [1]", "NOT IN [1]"])
def test_a_level_somebody_has_not_got_meets_nothing(sign: str) -> None:
    assert not read(f"skills.tributi {sign}").holds(NOBODY_SPECIAL)


@pytest.mark.parametrize(
    "text, position, length, says",
    [
        ('languages HAS "it" AND', 22, 1, "Expected a condition"),
        ('langauges HAS "it"', 0, 9, "“langauges” is nothing an agent has"),
        ('languages HAS "it', 14, 3, "never ends"),
        ("languages HAS it", 14, 2, "double quotes"),
        ("languages HAS 3", 14, 1, "double quotes"),
        ('languages HAS ""', 14, 2, "letters, digits"),
        ('topics HAS "tributi locali"', 11, 16, "no spaces"),
        ('languages == "it"', 10, 2, "Expected HAS, NOT HAS, IN or NOT IN after “languages”"),
        ("languages >= 3", 10, 2, "Expected HAS"),
        ("level HAS 3", 6, 3, "after “level”"),
        ("level = 3", 6, 1, "Write == for equal"),
        ("level >= 9", 9, 1, "from 1 to 5"),
        ('level >= "3"', 9, 3, "whole number"),
        ("level >= languages.uk", 9, 12, "whole number"),
        ("topics.tari >= 3", 0, 11, "Only languages and skills"),
        ("level.uk >= 3", 0, 8, "Only languages and skills"),
        ('(languages HAS "it"', 0, 1, "never closed"),
        ('(languages HAS "it" level > 3)', 20, 5, "closing parenthesis"),
        ('languages HAS "it")', 18, 1, "closes nothing"),
        ('languages HAS "it" languages HAS "uk"', 19, 9, "AND, OR or the end"),
        ("languages IN it", 13, 2, "square brackets"),
        ('languages IN ["it" "uk"]', 19, 4, "comma"),
        ("languages IN []", 14, 1, "double quotes"),
        ("languages HAS “it”", 14, 1, "straight double quotes"),
        ("HAS", 0, 3, "Expected a condition"),
        ('"it" == languages', 5, 2, "IN or NOT IN"),
        ('"it" IN level', 8, 5, "languages, skills"),
        ("3 IN level", 2, 2, "Expected =="),
        ("3 <= topics", 5, 6, "Expected level"),
        ("3 <=", 4, 1, "Expected level"),
        ("level >= 3; import os", 10, 1, "can't be read"),
        ("__import__ ('os')", 12, 1, "can't be read"),
        (f"skills.{'a' * 51} >= 2", 0, 58, "50 at most"),
    ],
)
def test_a_typo_is_refused_and_its_place_is_marked(text: str, position: int, length: int, says: str) -> None:
    with pytest.raises(Mistake) as caught:
        read(text)
    mistake = caught.value
    assert says in mistake.sentence
    assert mistake.sentence.endswith(".")
    assert (mistake.position, mistake.length) == (position, length)


def test_the_mark_stands_below_the_line_with_the_typo() -> None:
    with pytest.raises(Mistake) as caught:
        read('languages HAS "it"\r\n  AND langauges HAS "uk"')
    assert caught.value.marked() == '  AND langauges HAS "uk"\n      ^^^^^^^^^'


def test_of_a_long_line_only_the_surroundings_are_shown() -> None:
    with pytest.raises(Mistake) as caught:
        read('languages HAS "it" AND ' * 20 + "oops" + ' AND languages HAS "it"' * 20)
    line, carets = caught.value.marked().split("\n")
    assert len(line) < 100
    assert line[carets.index("^") :].startswith("oops")
    assert carets.count("^") == 4


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000,
        "(" * 10_000 + "TRUE" + ")" * 10_000,
        "NOT " * 10_000 + "TRUE",
        "(" * (LONGEST // 2 - 2) + "TRUE" + ")" * (LONGEST // 2 - 2),
        "NOT " * (LONGEST // 4 - 1) + "TRUE",
        "level>=4 OR " * 5_000 + "TRUE",
        '"' * LONGEST,
        "9" * LONGEST,
        "level>=1 OR " * 160 + "level IN [" + "1," * 30 + "1]" + "\x00",
        "\u202e",
        "level >= ٣",  # digits of another script are no numbers here
    ],
)
def test_hostile_text_gets_a_sentence_at_once(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(Mistake) as caught:
        read(text)
    assert caught.value.sentence.endswith(".")
    assert caught.value.marked()
    assert time.process_time() - begun < 0.5


def test_nesting_as_deep_as_allowed_is_read() -> None:
    assert read("(" * DEEPEST + "level >= 3" + ")" * DEEPEST) == read("level >= 3")


def test_what_says_the_same_reads_equal() -> None:
    assert str(read('((LEVEL>=4)) and not not "it" in Languages')) == 'level >= 4 AND languages HAS "it"'
    assert read("4 <= level") == read("level >= 4")
    assert str(read('languages IN ["uk","it","uk"]')) == 'languages IN ["it", "uk"]'
    assert str(read("TRUE AND 1==1 AND level > 2")) == "level > 2"


def test_the_same_text_is_read_once() -> None:
    assert read("level >= 4") is read("level >= 4")


def test_the_names_that_are_asked_for_are_known() -> None:
    text = 'languages HAS "it" AND NOT (skills.tributi >= 2 OR topics IN ["a", "b"] OR skills NOT HAS "spid") AND level > 1'
    assert terms(read(text)) == Terms(
        languages=frozenset({"it"}), skills=frozenset({"tributi", "spid"}), topics=frozenset({"a", "b"})
    )
    assert terms(read("")) == Terms()


NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True)
LISTS = st.sampled_from(["languages", "skills", "topics", "offices"])
LEVELS = st.integers(1, 5)
WHOSE = st.one_of(st.tuples(st.sampled_from(["languages", "skills"]), NAMES), st.just(("level", "")))
LEAVES: st.SearchStrategy[Expression] = st.one_of(
    st.just(Anybody()),
    st.builds(Has, LISTS, NAMES, st.booleans()),
    st.builds(OneOf, LISTS, st.sets(NAMES, min_size=1, max_size=3).map(lambda names: tuple(sorted(names))), st.booleans()),
    st.builds(lambda whose, sign, level: Level(whose[0], whose[1], sign, level), WHOSE, st.sampled_from([*COMPARISONS]), LEVELS),
    st.builds(
        lambda whose, numbers, negated: LevelIn(whose[0], whose[1], tuple(sorted(numbers)), negated),
        WHOSE, st.sets(LEVELS, min_size=1), st.booleans(),
    ),
)  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        parts.map(negation),
        st.lists(parts, min_size=1, max_size=3).map(lambda some_: every(*some_)),
        st.lists(parts, min_size=1, max_size=3).map(lambda some_: some(*some_)),
    ),
    max_leaves=12,
)
AGENTS = st.builds(
    Attributes,
    st.dictionaries(NAMES, LEVELS, max_size=3),
    st.dictionaries(NAMES, LEVELS, max_size=3),
    st.frozensets(NAMES, max_size=3),
    st.frozensets(NAMES, max_size=3),
    LEVELS,
)


@given(TREES, AGENTS)
@settings(max_examples=300, deadline=None)
def test_what_is_written_reads_back_equal_and_means_the_same(tree: Expression, agent: Attributes) -> None:
    again = read(str(tree))
    assert again == tree
    assert again.holds(agent) == tree.holds(agent)
    assert read(f"NOT ({tree})").holds(agent) is not tree.holds(agent)


@given(st.lists(st.sampled_from(["(", ")", "NOT", "AND", "OR", "level", ">=", "3", "languages", "HAS", '"it"', "IN", "[",
                                 "]", ",", "skills.x", "TRUE", '"', "=", "\n"]), max_size=40))  # fmt: skip
@settings(max_examples=500, deadline=None)
def test_any_muddle_is_either_read_or_refused_with_a_place_inside_it(words: list[str]) -> None:
    text = " ".join(words)
    found = outcome(text)
    if isinstance(found, Mistake):
        assert 0 <= found.position <= len(text)
        assert found.length >= 1
        assert "^" in found.marked()
    else:
        assert read(str(found)) == found


def outcome(text: str) -> Expression | Mistake:
    try:
        return read(text)
    except Mistake as mistake:
        return mistake
