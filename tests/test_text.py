"""Blocks of a document: where they end and of what kind they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.text import find_foreign_language, load_furniture, read_document

NEWS = "Un obus est tombé mardi sur le marché de la vieille ville, selon les secours."
OTHER = "Deux commerçants ont été tués et une dizaine de passants blessés."


def read_blocks(text: str) -> list[str]:
    return [text[block.start : block.end] for block in read_document(text).blocks]


def read_kinds(text: str, title: str | None = None) -> list[str]:
    return [block.kind for block in read_document(text, title=title).blocks]


class TestBlocks:
    @pytest.mark.parametrize(
        ("text", "blocks"),
        [
            pytest.param("", [], id="nothing"),
            pytest.param(" \n\t\n ", [], id="only space"),
            pytest.param("  Un tir. \n", ["Un tir."], id="space around"),
            pytest.param("Un tir.\n\nUn autre.", ["Un tir.", "Un autre."], id="blank line"),
            pytest.param("Un tir.\n \t\nUn autre.", ["Un tir.", "Un autre."], id="blank line with spaces"),
            pytest.param("Un tir.\nUn autre.", ["Un tir.", "Un autre."], id="one break"),
            pytest.param("Un tir.\r\nUn autre.", ["Un tir.", "Un autre."], id="carriage return"),
            pytest.param("un tir de\r\n\r\nmortier", ["un tir de", "mortier"], id="blank line after carriage return"),
            pytest.param("Un tir\u2029Un autre", ["Un tir", "Un autre"], id="paragraph separator"),
            pytest.param("Raid sur Homs\nUn raid a tué.", ["Raid sur Homs", "Un raid a tué."], id="no full stop"),
            pytest.param("selon un\ntémoin de\nla scène", ["selon un\ntémoin de\nla scène"], id="goes on"),
            pytest.param("la province de\nHoms est calme", ["la province de\nHoms est calme"], id="ends in « de »"),
            pytest.param("à Homs,\nHama et Alep", ["à Homs,\nHama et Alep"], id="ends in a comma"),
            pytest.param("Il a dit :\nnous partons", ["Il a dit :", "nous partons"], id="colon ends a line"),
        ],
    )
    def test_where_blocks_end(self, text: str, blocks: list[str]) -> None:
        assert read_blocks(text) == blocks

    def test_wrapped_text_is_joined(self) -> None:
        wrapped = (
            "Un obus de mortier est tombé mardi matin sur le marché de la vieille\n"
            "Homs, a rapporté la défense civile. Deux commerçants ont été tués et\n"
            "Ahmad, leur voisin, a été blessé. La route de Hama a été coupée dans\n"
            "Rastane."
        )
        following = "\nLe maire a demandé des renforts."
        assert read_blocks(wrapped) == [wrapped]
        assert read_blocks(wrapped + following) == [wrapped, following.strip()]

    def test_long_lines_are_paragraphs(self) -> None:
        lines = [NEWS + " " + OTHER] * 3
        assert len(read_blocks("\n".join(lines))) == 3

    @given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\n\r \t.,aÀ«»-\u2028"))))
    def test_blocks_hold_all_but_space_in_order(self, text: str) -> None:
        last = 0
        for block in read_document(text).blocks:
            assert last <= block.start < block.end
            assert not text[last : block.start].strip()
            assert text[block.start : block.end] == text[block.start : block.end].strip()
            last = block.end
        assert not text[last:].strip()


class TestHeadings:
    @pytest.mark.parametrize(
        ("text", "kinds"),
        [
            pytest.param(f"Deux morts à Homs\n\n{NEWS}", ["headline", "paragraph"], id="short first block"),
            pytest.param(f"Qui a tiré sur Homs ?\n\n{NEWS}", ["headline", "paragraph"], id="a question"),
            pytest.param(f"Deux morts à Homs.\n\n{NEWS}", ["paragraph", "paragraph"], id="a full stop"),
            pytest.param("Deux morts à Homs", ["paragraph"], id="alone"),
            pytest.param(f"Menu\nDeux morts à Homs\n{NEWS}", ["furniture", "headline", "paragraph"], id="after a menu"),
            pytest.param(f"{NEWS}\n\n- Trêve fragile -\n\n{OTHER}", ["paragraph", "subhead", "paragraph"], id="dashes"),
            pytest.param(f"{NEWS}\n\n« Rien à dire »\n\n{OTHER}", ["paragraph", "subhead", "paragraph"], id="quoted"),
            pytest.param(f"{NEWS}\n\nUne trêve fragile\n\n{OTHER}", ["paragraph", "subhead", "paragraph"], id="bare"),
            pytest.param(f"{NEWS}\n\n- Homs : deux morts\n\n{OTHER}", ["paragraph"] * 3, id="a bullet"),
            pytest.param(f"{NEWS}\n\nLe maire a fui.\n\n{OTHER}", ["paragraph"] * 3, id="a short sentence"),
            pytest.param(f"{NEWS}\n\nUne trêve fragile", ["paragraph"] * 2, id="last block"),
        ],
    )
    def test_kinds(self, text: str, kinds: list[str]) -> None:
        assert read_kinds(text) == kinds

    def test_a_block_that_says_the_title_is_the_headline(self) -> None:
        text = f"Deux morts à Homs, où l’on craint le pire.\n\n{NEWS}"
        assert read_kinds(text) == ["paragraph", "paragraph"]
        assert read_kinds(text, title="Deux morts à Homs, où l'on craint le pire.") == ["headline", "paragraph"]


class TestFurniture:
    @pytest.mark.parametrize(
        ("block", "reason"),
        [
            ("Lire aussi : La trêve n'a pas tenu à Homs", "link to another article"),
            ("À lire aussi : La trêve n'a pas tenu", "link to another article"),
            ("Suivez-nous sur nos réseaux", "call to follow on a network"),
            ("Abonnez-vous pour lire la suite", "call to subscribe"),
            ("Partager cet article", "call to share or to comment"),
            ("PUBLICITÉ", "menu or button"),
            ("Tous droits réservés.", "legal notice of the page"),
            ("Ce site utilise des cookies pour mesurer l’audience.", "consent to cookies"),
            ("Avec le bouton Tout accepter, vous autorisez les cookies de mesure.", "consent to cookies"),
        ],
    )
    def test_cues(self, block: str, reason: str) -> None:
        document = read_document(f"{NEWS}\n\n{block}\n\n{OTHER}")
        assert [(each.kind, each.reason) for each in document.blocks][1] == ("furniture", reason)

    @pytest.mark.parametrize(
        "block",
        [
            "Il faut lire aussi le rapport des enquêteurs sur la mort des deux journalistes.",
            "Le ministre a visité le menu détail des positions tenues par l'armée.",
            "Les enquêteurs ont trouvé des cookies et du thé dans la planque des deux assaillants tués.",
            "Lire aussi : " + "le maire a été tué par un obus tombé sur la mairie, selon les secours de la ville. " * 3,
            "Partage des eaux : trois soldats tués à la frontière.",
        ],
    )
    def test_news_is_left_alone(self, block: str) -> None:
        assert read_kinds(f"{NEWS}\n\n{block}\n\n{OTHER}")[1] == "paragraph"

    def test_a_line_said_twice_is_furniture_the_second_time(self) -> None:
        line = "Le marché de Homs après la frappe"
        text = f"{NEWS}\n\n{line}\n\n{line}\n\n{line} © Agence\n\n{OTHER}"
        assert read_kinds(text) == ["paragraph", "subhead", "furniture", "furniture", "paragraph"]

    def test_a_long_text_is_never_furniture(self) -> None:
        assert read_kinds("Lire aussi : " + NEWS * 60 + " Ce site utilise des cookies pour tout.") == ["paragraph"]

    def test_cues_are_written_as_they_are_compared(self) -> None:
        for phrases in load_furniture().cues.values():
            for phrase, cue in phrases.items():
                assert phrase == " ".join(phrase.lower().replace("’", "'").split())
                assert cue.reason
                assert cue.at == "whole" or cue.max_words


class TestLanguage:
    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("The town was shelled and two of the people were killed by the blast.", "reads as English"),
            ("El ejército ha dicho que los dos hombres fueron detenidos por las milicias.", "reads as Spanish"),
            ("Der Sprecher der Armee sagte, dass zwei Soldaten bei dem Angriff starben.", "reads as German"),
            ("В городе погибли два человека, сообщили во вторник местные власти области.", "not in Latin script"),
            ("قتل شخصان في قصف على سوق المدينة صباح الثلاثاء حسب الدفاع المدني", "not in Latin script"),
            (NEWS, ""),
            ("DEUX MORTS ET TROIS BLESSES DANS UN RAID SUR LA VILLE DE HOMS", ""),
            ("Deux morts, trois blessés, Homs, Hama, Alep, Rastane, Idleb, Saraqeb, Raqa", ""),
            ("The town was shelled", ""),
            ("« The war is over and the people were right », a écrit le maire sur son compte dans la nuit", ""),
        ],
    )
    def test_language(self, text: str, language: str) -> None:
        assert find_foreign_language(text) == language

    @pytest.mark.parametrize(
        ("text", "has_accents"),
        [("Un raid a tue deux", False), ("Un raid a tué", True), ("tue\u0301", True), ("ŒUVRE", False), ("", False)],
    )
    def test_has_accents(self, text: str, has_accents: bool) -> None:
        assert read_document(text).has_accents is has_accents
