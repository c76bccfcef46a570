"""Tokens and sentences: tables of cases, and what must hold for any text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import tokens as tokens_module
from extractor.text import read_document
from extractor.tokens import (
    MAX_SENTENCE_TOKENS,
    Sentence,
    fold,
    iter_token_spans,
    pass_over_quotes,
    split_sentences,
    strip_accents,
)

CASES = Path(__file__).parent / "cases"
BOUNDARY = "|"


def read_cases(name: str) -> list[Any]:
    """The cases of a file as parameters, named by their id or by their text."""
    lines = (CASES / name).read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    return [pytest.param(case, id=case.get("id", case.get("text", ""))[:50]) for case in cases]


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in iter_token_spans(text)]


def split(text: str) -> list[Sentence]:
    return split_sentences(read_document(text))


# Pieces that meet the awkward corners far more often than arbitrary characters do.
PIECES = (
    "l' d’ qu' O'Brien a-t-il -il cessez-le-feu M. MM. O.N.U. etc. W. sept. 12 350 000 1,5 14h30 1er 27/02/2020 70% […]"
    " (...) ... … « » “ ” \" ' ’ ( ) - – ! ? . , ; : tué(e)s blessé.e.s @nom #mot https://a.fr Depuis"
    " Le Il Trois soldats œuvre ﬁn e\u0301 mili\u00adtaire Киев \ufeff \u200b"
)
SPACES = st.sampled_from(["", " ", "\u00a0", "\u202f", "\n", "\n\n", "\r\n", "\t", "  "])
PAIRS = st.tuples(st.sampled_from(PIECES.split(" ")), SPACES)
NEWS_LIKE = st.lists(PAIRS, max_size=40).map(lambda pairs: "".join(map("".join, pairs)))
ANY_TEXT = st.one_of(st.text(), NEWS_LIKE)


class TestTokens:
    @pytest.mark.parametrize("case", read_cases("tokens.jsonl"))
    def test_case(self, case: dict[str, Any]) -> None:
        words = cut(case["text"])
        if "tokens" in case:
            assert words == case["tokens"]
        else:
            assert set(case["tokens_present"]) <= set(words)

    @given(ANY_TEXT)
    def test_tokens_cover_all_but_spaces_in_order(self, text: str) -> None:
        last = 0
        for start, end in iter_token_spans(text):
            assert last <= start < end
            assert not text[last:start].strip()
            assert not text[start].isspace()
            assert not text[end - 1].isspace()
            last = end
        assert not text[last:].strip()

    @given(ANY_TEXT, st.integers(0, 30), st.integers(0, 30))
    def test_only_the_part_asked_for_is_cut(self, text: str, start: int, length: int) -> None:
        spans = list(iter_token_spans(text, start, min(start + length, len(text))))
        assert all(start <= first < last <= start + length for first, last in spans)

    @given(ANY_TEXT)
    def test_apostrophes_and_spaces_fold_alike(self, text: str) -> None:
        """A typist's apostrophes and spaces and a typesetter's give the same folded tokens."""
        typed = text.translate({ord("’"): "'", 0xA0: " ", 0x202F: " "})
        set_in_type = typed.translate({ord("'"): "’", ord(" "): "\u00a0"})
        assert [fold(word) for word in cut(typed)] == [fold(word) for word in cut(set_in_type)]

    @given(ANY_TEXT)
    def test_shortcuts_change_nothing(self, text: str) -> None:
        slow = re.compile("|".join(tokens_module._PIECES))
        assert [match.span() for match in slow.finditer(text)] == list(iter_token_spans(text))

    @pytest.mark.parametrize(
        "text", ["," * 100_000, "1" * 1_000_000, "a-" * 200_000, "a'" * 200_000, "a." * 200_000, "a@" * 200_000]
    )
    def test_hostile_text_is_cut_in_linear_time(self, text: str) -> None:
        assert sum(end - start for start, end in iter_token_spans(text)) == len(text)


class TestFolding:
    @pytest.mark.parametrize(
        ("word", "folded"),
        [
            ("Tués", "tués"),
            ("L’", "l'"),
            ("AUJOURD’HUI", "aujourd'hui"),
            ("Œuvre", "oeuvre"),
            ("Cæsium", "caesium"),
            ("oﬃciel", "officiel"),
            ("350\u202f000", "350 000"),
            ("350\u00a0000", "350 000"),
            ("350 000", "350 000"),
            ("sud\u2011ouest", "sud-ouest"),
            ("e\u0301cole", "école"),
            ("mili\u00adtaire", "militaire"),
            ("\u200b", "\u200b"),
        ],
    )
    def test_fold(self, word: str, folded: str) -> None:
        assert fold(word) == folded

    @pytest.mark.parametrize(
        ("folded", "bare"), [("tués", "tues"), ("où", "ou"), ("noël", "noel"), ("garçon", "garcon"), ("coeur", "coeur")]
    )
    def test_strip_accents(self, folded: str, bare: str) -> None:
        assert strip_accents(folded) == bare

    @given(st.text(min_size=1))
    def test_folding_twice_changes_nothing(self, word: str) -> None:
        assert fold(fold(word)) == fold(word)
        assert strip_accents(strip_accents(word)) == strip_accents(word)


class TestSentences:
    @pytest.mark.parametrize("case", read_cases("sentences.jsonl"))
    def test_case(self, case: dict[str, Any]) -> None:
        if "marked" not in case:
            assert len(split(case["text"])) == case["sentences"]
            return
        text = case["marked"].replace(BOUNDARY, "")
        expected = [part.strip() for part in case["marked"].split(BOUNDARY)]
        assert [text[sentence.start : sentence.end] for sentence in split(text)] == expected

    @given(ANY_TEXT)
    def test_sentences_hold_all_tokens_of_all_blocks(self, text: str) -> None:
        document = read_document(text)
        spans: list[tuple[int, int]] = []
        for number, sentence in enumerate(split_sentences(document)):
            block = document.blocks[sentence.paragraph]
            assert sentence.index == number
            assert sentence.kind == block.kind
            assert block.start <= sentence.start < sentence.end <= block.end
            assert (sentence.start, sentence.end) == (sentence.starts[0], sentence.ends[-1])
            assert len(sentence.words) <= MAX_SENTENCE_TOKENS
            spans += zip(sentence.starts, sentence.ends, strict=True)
            assert sentence.words == [text[start:end] for start, end in spans[len(spans) - len(sentence.words) :]]
        assert spans == [span for block in document.blocks for span in iter_token_spans(text, block.start, block.end)]

    def test_furniture_and_foreign_blocks_keep_their_kind(self) -> None:
        text = (
            "Un obus est tombé sur Homs mardi.\n\n"
            "The town was shelled and two of the people were killed by the blast.\n\n"
            "Lire aussi : Homs sous les obus"
        )
        assert [sentence.kind for sentence in split(text)] == ["paragraph", "foreign", "furniture"]

    @pytest.mark.parametrize(
        ("text", "lengths"),
        [
            pytest.param("mot " * 1_000, [400, 400, 200], id="nothing to cut at"),
            pytest.param("mot " * 299 + ", " + "mot " * 300, [300, 300], id="at a comma"),
            pytest.param("mot " * 249 + "; " + "mot " * 49 + ", " + "mot " * 300, [250, 350], id="rather at a stop"),
            pytest.param("mot " * 99 + "; " + "mot " * 400, [400, 100], id="not in the first half"),
        ],
    )
    def test_long_sentences_are_cut(self, text: str, lengths: list[int]) -> None:
        assert [len(sentence.words) for sentence in split(text)] == lengths


    @pytest.mark.parametrize(("text", "left"), [
        ('Ils ont "neutralisé" douze hommes.', 0),
        ("Des raids contre l'«émirat» ont repris.", 0),
        ("Des « groupes armés terroristes » ont fui, des “mercenaires” aussi.", 0),
        ('"Douze hommes ont fui", a dit le maire.', 2),
        ('Le maire a dit, "douze hommes", puis rien.', 2),
        ("Le maire a dit : « Douze hommes ont fui. »", 2),
        ('Il parle de "douze hommes qui ont fui la ville la veille de la prise du village voisin" hier.', 2),
        ('Il parle de "douze hommes sans fin.', 1),
    ])
    def test_quotation_marks_around_a_few_words_are_passed_over(self, text: str, left: int) -> None:
        (sentence,) = split(text)
        kept = pass_over_quotes(sentence)
        assert sum(word in '"«»“”' for word in kept.words) == left
        assert kept.words == [text[a:b] for a, b in zip(kept.starts, kept.ends, strict=True)]
