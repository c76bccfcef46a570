"""French inflection: lemma to forms, form to readings, the supplement, and the generator of the table."""

from __future__ import annotations

import random
from functools import cache

import pytest

from extractor.build.inflection import build_table
from extractor.inflection import TAGS, Inflection, InflectionError, shipped

#: (lemma, tags, every form that has them), from the conjugation tables of school grammar.
EXPANSIONS = [
    ("tuer", "pp", "tué tuée tués tuées"),
    ("tuer", "fin pres", "tue tues tuons tuez tuent"),
    ("tuer", "past", "tuai tuas tua tuâmes tuâtes tuèrent"),
    ("tuer", "subj 3s", "tue tuât"),
    ("tuer", "prp", "tuant"),
    ("abattre", "pp f", "abattue abattues"),
    ("abattre", "past 3p", "abattirent"),
    ("mourir", "pres", "meurs meurt mourons mourez meurent"),
    ("mourir", "past 3p", "moururent"),
    ("mourir", "fut 3p", "mourront"),
    ("fuir", "impf 3p", "fuyaient"),
    ("fuir", "pp", "fui fuis fuie fuies"),
    ("tenir", "pres 3p", "tiennent"),
    ("tenir", "past 3s", "tint"),
    ("conquérir", "pp", "conquis conquise conquises"),
    ("conquérir", "pres 3p", "conquièrent"),
    ("prendre", "pp m", "pris"),
    ("reprendre", "past 3p", "reprirent"),
    ("assiéger", "impf 3p", "assiégeaient"),
    ("lancer", "past 3s", "lança"),
    ("envoyer", "fut 3s", "enverra"),
    ("rejeter", "pres 3s", "rejette"),
    ("appeler", "pres 3p", "appellent"),
    ("interpeller", "pres 3p", "interpellent"),
    ("exiger", "prp", "exigeant"),
    ("menacer", "prp", "menaçant"),
    ("détruire", "pp", "détruit détruite détruits détruites"),
    ("rompre", "pres 3s", "rompt"),
    ("survenir", "pp m s", "survenu"),
    ("périr", "pp", "péri"),
    ("être", "ind pres", "suis es est sommes êtes sont"),
    ("être", "cond", "serais serait serions seriez seraient"),
    ("être", "imper", "sois soyons soyez"),
    ("avoir", "ind pres", "ai as a avons avez ont"),
    ("avoir", "past", "eus eut eûmes eûtes eurent"),
    ("avoir", "pp", "eu eue eus eues"),
    ("avoir", "inf", "avoir"),
    ("civil", "", "civil civile civils civiles"),
    ("civil", "m", "civil civils"),
    ("combattant", "", "combattant combattante combattants combattantes"),
    ("milicien", "f", "milicienne miliciennes"),
    ("tireur", "f", "tireuse tireuses"),
    ("directeur", "f s", "directrice"),
    ("otage", "f s", "otage"),
    ("obus", "p", "obus"),
    ("hôpital", "", "hôpital hôpitaux"),
    ("attaque", "noun", "attaque attaques"),
    ("pouvoir", "noun", "pouvoir pouvoirs"),
    ("pouvoir", "verb pres 3p", "peuvent"),
    ("mort", "noun", "mort morte morts mortes"),
    ("reprise", "", "reprise reprises"),
    ("houthi", "adj f", "houthie houthies"),
    ("chebab", "p", "chebab chebabs"),
    ("voiture-suicide", "p", "voitures-suicide voitures-suicides"),
    ("kilomètre", "p", "kilomètres"),
    ("œil", "s", "oeil"),
    ("le", "det", "le la les l'"),
    ("selon", "", "selon"),
    ("inconnulemme", "", ""),
]

#: Forms seen in reports of fighting, by lemma.
VERB_FORMS = """
tuer: tue tuent tua tuèrent tuait tuant tué tués tuée tuées
abattre: abat abattent abattit abattu abattus abattue
massacrer: massacrent massacrèrent massacrés
assassiner: assassine assassiné assassinée
exécuter: exécutent exécutés
égorger: égorgea égorgeaient égorgés
périr: périt périssent périrent péri
mourir: meurt meurent mourut moururent mourra mort mortes
décéder: décède décédèrent décédé
succomber: succombe succombèrent succombé
blesser: blesse blessèrent blessé blessées
fuir: fuit fuient fuyaient fuyant fuirent fui
déplacer: déplacent déplaçait déplacés
évacuer: évacue évacuèrent évacuées
frapper: frappe frappèrent frappé
bombarder: bombarde bombardaient bombardée
pilonner: pilonne pilonnaient pilonnés
viser: vise visaient visant visé
cibler: ciblent ciblait ciblés
attaquer: attaque attaquèrent attaqué
prendre: prend prennent prit prirent pris prise
reprendre: reprend reprennent reprit repris reprise
reconquérir: reconquiert reconquirent reconquis
emparer: emparent empara emparés
conquérir: conquiert conquis
libérer: libère libérèrent libérés
assiéger: assiège assiègent assiégeaient assiégée
encercler: encerclent encerclée
détruire: détruit détruisent détruisit détruite
endommager: endommage endommageait endommagés
incendier: incendient incendièrent incendiées
enlever: enlève enlèvent enlevèrent enlevé
kidnapper: kidnappent kidnappés
capturer: capture capturèrent capturés
arrêter: arrête arrêtèrent arrêtées
interpeller: interpelle interpellés
relâcher: relâche relâchèrent relâchés
démentir: dément démentent démentit démenti
nier: nie nient nia nié
contester: conteste contesté
réfuter: réfute réfuté
accuser: accuse accusent accusant accusé
imputer: impute imputée
condamner: condamne condamnèrent condamné
dénoncer: dénonce dénonça dénoncé
appeler: appelle appellent appela appelé
exhorter: exhorte exhorté
réclamer: réclament réclamé
exiger: exige exigea exigé
rejeter: rejette rejeta rejeté
refuser: refuse refusé
menacer: menace menaçait menacé
avertir: avertit avertissent averti
revendiquer: revendique revendiqué revendiquée
conclure: conclut concluent conclurent conclu
signer: signe signèrent signé
violer: viole violent violé
rompre: rompt rompent rompit rompu
sanctionner: sanctionne sanctionnés
expulser: expulse expulsèrent expulsés
déployer: déploie déploient déploya déployés
dépêcher: dépêche dépêcha dépêché
envoyer: envoie envoya enverra envoyé
survenir: survient survinrent survenu survenue
tomber: tombe tomba tombèrent tombé
tenir: tient tiennent tint tenu
battre: bat battent battirent battus
combattre: combat combattent combattaient
vaincre: vainc vainquit vaincu
convaincre: convainquirent convaincu
recevoir: reçoit reçut reçu
percevoir: perçu
dire: dit disent dirent
faire: fait font fit firent faisant
aller: va vont ira allaient
venir: vient viennent vint venu
pouvoir: peut peuvent pourrait pu
devoir: doit doivent devrait dû
falloir: faut fallut fallait
savoir: sait savent su
voir: voit virent vu
vouloir: veut veulent voulait
ouvrir: ouvre ouvrirent ouvert
subir: subit subissent subi
essuyer: essuie essuient essuyé
riposter: riposte riposté
perdre: perd perdent perdit perdu
rendre: rend rendirent rendu
céder: cède cédèrent cédé
lancer: lance lançait lancé
tirer: tire tirèrent tiré
exploser: explose explosa explosé
promettre: promet promirent promis
commettre: commettent commit commises
permettre: permet permis
craindre: craint craignent craignait
atteindre: atteint atteignent atteignit
éteindre: éteint éteignirent
contraindre: contraint contraignit contraints
poursuivre: poursuit poursuivent poursuivi
interdire: interdit interdisent interdite
introduire: introduisit introduite
naître: naquit né
reconnaître: reconnaît reconnut reconnu
disparaître: disparaît disparurent disparus
survivre: survit survécut survécu
secourir: secourt secoururent secouru
accourir: accourent accoururent
acquérir: acquiert acquis
accueillir: accueille accueillirent accueilli
résoudre: résout résolu
dissoudre: dissout dissoute
"""

NOUNS = """
civil combattant soldat militaire policier gendarme milicien rebelle insurgé djihadiste jihadiste islamiste terroriste
houthi chebab shebab dozo yazidi takfiri pasdaran peshmerga taliban kurde chiite sunnite alaouite druze touareg peul
mort blessé tué disparu déplacé réfugié détenu prisonnier otage rescapé victime enfant habitant manifestant
reprise capitale retraite découverte prise mise perte sortie arrivée offensive contre-offensive attaque assaut
frappe raid bombardement tir obus missile roquette drone bombe mine grenade char blindé hélicoptère avion
embuscade attentat attentat-suicide voiture-suicide kamikaze fusillade massacre tuerie charnier exécution enlèvement
siège blocus trêve cessez-le-feu accord convoi évacuation frontière faubourg quartier village localité bourgade
bilan millier dizaine centaine
"""

FUNCTION_WORDS = {
    "le": "det", "la": "det", "l'": "det", "des": "det", "ces": "det", "leurs": "det", "plusieurs": "det",
    "il": "pron", "ils": "pron", "qui": "pron", "dont": "pron", "se": "pron", "tous": "pron",
    "dans": "prep", "à": "prep", "d'": "prep", "selon": "prep", "vers": "prep",
    "et": "conj", "mais": "conj", "lorsque": "conj", "qu'": "conj",
    "ne": "adv", "n'": "adv", "environ": "adv", "deux": "num", "vingt": "num",
}  # fmt: skip


def lines_of(text: str) -> list[tuple[str, list[str]]]:
    return [(lemma, forms.split()) for lemma, _, forms in (line.partition(":") for line in text.strip().splitlines())]


def lemmas_of(form: str, *tags: str) -> set[str]:
    return {reading.lemma for reading in shipped().analyse(form) if {*tags} <= reading.features | {reading.pos}}


@cache
def sample_lemmas() -> list[str]:
    return random.Random(7).sample(sorted(set(shipped().iter_lemmas())), 500)


@pytest.mark.parametrize(
    ("lemma", "tags", "forms"), EXPANSIONS, ids=[f"{lemma}-{tags.replace(' ', '.')}" for lemma, tags, _ in EXPANSIONS]
)
def test_a_lemma_expands_to_the_forms_that_have_every_tag(lemma: str, tags: str, forms: str) -> None:
    assert shipped().expand(lemma, tags.split()) == tuple(sorted(forms.split()))


@pytest.mark.parametrize(("lemma", "forms"), lines_of(VERB_FORMS), ids=[lemma for lemma, _ in lines_of(VERB_FORMS)])
def test_a_verb_form_of_the_news_is_read_as_its_verb(lemma: str, forms: list[str]) -> None:
    assert [form for form in forms if lemma not in lemmas_of(form, "verb")] == []


def test_the_list_of_verb_forms_is_long_enough_to_mean_something() -> None:
    assert sum(len(forms) for _, forms in lines_of(VERB_FORMS)) >= 150


@pytest.mark.parametrize("noun", NOUNS.split())
def test_a_noun_of_the_news_is_a_noun_lemma(noun: str) -> None:
    assert noun in lemmas_of(noun, "noun", "s")


@pytest.mark.parametrize(("word", "pos"), FUNCTION_WORDS.items())
def test_a_function_word_has_its_part_of_speech(word: str, pos: str) -> None:
    assert lemmas_of(word, pos)


def test_a_form_gives_all_its_readings_in_order() -> None:
    readings = [
        (reading.lemma, reading.pos, " ".join(sorted(reading.features))) for reading in shipped().analyse("pris")
    ]
    assert readings == [
        ("prendre", "verb", "1s fin ind past"),
        ("prendre", "verb", "2s fin ind past"),
        ("prendre", "verb", "m p pp s"),
    ]


@pytest.mark.parametrize("form", ["", "péri-", "l'homme", "d'obus", "inconnulemme", "Tuer"])
def test_what_is_not_a_folded_form_has_no_reading(form: str) -> None:
    assert shipped().analyse(form) == ()


def test_an_invariable_form_carries_both_values_in_one_reading() -> None:
    assert [reading.features for reading in shipped().analyse("otages") if reading.pos == "noun"] == [{"m", "f", "p"}]


def test_every_form_of_a_lemma_is_read_back_as_that_lemma() -> None:
    lost = [
        (lemma, form) for lemma in sample_lemmas() for form in shipped().expand(lemma) if lemma not in lemmas_of(form)
    ]
    assert lost == []


def test_every_reading_of_a_form_expands_back_to_that_form() -> None:
    inflection = shipped()
    lost = [
        (form, reading)
        for lemma in sample_lemmas()
        for form in inflection.expand(lemma)
        for reading in inflection.analyse(form)
        if form not in inflection.expand(reading.lemma, (reading.pos, *reading.features))
    ]
    assert lost == []


def test_every_sampled_lemma_is_known_and_every_feature_is_a_tag() -> None:
    inflection = shipped()
    features = {
        feature for lemma in sample_lemmas() for reading in inflection.analyse(lemma) for feature in reading.features
    }
    assert all(inflection.has_lemma(lemma) for lemma in sample_lemmas())
    assert features <= TAGS.keys()


@pytest.mark.parametrize(("lemma", "known"), [("tuer", True), ("Œil", True), ("tués", False), ("", False)])
def test_only_dictionary_forms_are_lemmas(lemma: str, known: bool) -> None:
    assert shipped().has_lemma(lemma) is known


@pytest.mark.parametrize(
    ("written", "meant"),
    [("moururent", "mourir"), ("civiles", "civil"), ("bombardr", "bombarder"), ("kidnaper", "kidnapper"),
     ("evacuer", "évacuer")],
)  # fmt: skip
def test_a_wrong_lemma_gets_a_proposal(written: str, meant: str) -> None:
    assert shipped().suggest(written)[0] == meant


def test_proposals_keep_to_the_limit_and_may_be_none() -> None:
    assert len(shipped().suggest("frapper", limit=2)) == 2
    assert shipped().suggest("zzqxwk") == ()


def test_an_unknown_tag_is_refused_by_name() -> None:
    with pytest.raises(InflectionError, match="plural"):
        shipped().expand("tuer", ("plural",))


AFFIXES = """\
SET UTF-8
FLAG long
NEEDAFFIX ()
PFX L' Y 1
PFX L' 0 l' . dp:le
PFX Um Y 3
PFX Um 0 0/S. .
PFX Um 0 kilo/S.() .
PFX Um 0 d'hecto/S.() .
SFX S. Y 2
SFX S. 0 0/L' [^sxz] is:sg
SFX S. 0 s [^sxz] is:pl
SFX F. Y 4
SFX F. 0 0/L' [^sxz] is:mas is:sg
SFX F. 0 s [^sxz] is:mas is:pl
SFX F. 0 e/L' [lt] is:fem is:sg
SFX F. 0 es [lt] is:fem is:pl
SFX a0 Y 6
SFX a0 er er/L' er po:infi
SFX a0 er e [^y]er po:ipre po:spre po:1sg po:3sg
SFX a0 yer ie yer po:ipre po:spre po:1sg po:3sg
SFX a0 er è er po:ipre po:1isg
SFX a0 er èrent er po:ipsi po:3pl!
SFX a0 er ez er po:impe po:2pl
SFX p+ Y 2
SFX p+ er é er po:ppas po:adj is:mas is:sg
SFX p+ er ées er po:ppas po:adj is:fem is:pl
"""
WORDS = """\
11
aller/S.() po:nom is:mas
aboyer/a0p+() po:v1_i____a
chanter/a0p+() po:v1_it___a
civil/F.() po:nom po:adj
lors po:adv
mètre/Um() po:nom is:mas
œuvre/S.() po:nom is:epi
yeux po:nom is:mas is:pl st:œil
Paris/L' po:npr is:mas is:inv
km/||-- po:nom is:mas is:inv
t'en po:err
"""


def test_the_generator_writes_the_same_bytes_whatever_the_order_of_entries() -> None:
    count, *entries = WORDS.splitlines()
    reordered = "\n".join([count, *reversed(entries)])
    assert build_table(WORDS, AFFIXES) == build_table(reordered, AFFIXES)


@pytest.mark.parametrize(
    ("lemma", "tags", "forms"),
    [
        ("chanter", "", "chante chanter chantez chantèrent chanté chantées"),
        ("chanter", "pres 3s", "chante"),
        ("chanter", "pp f", "chantées"),
        ("aboyer", "subj 1s", "aboie"),
        ("civil", "adj f", "civile civiles"),
        ("oeuvre", "m p", "oeuvres"),
        ("oeil", "p", "yeux"),
        ("kilomètre", "", "kilomètre kilomètres"),
        ("lors", "adv", "lors"),
        ("paris", "", ""),
        ("km", "", ""),
        ("hectomètre", "", ""),
    ],
)
def test_the_generator_puts_forms_into_cells_and_leaves_names_and_elisions_out(
    lemma: str, tags: str, forms: str
) -> None:
    table = Inflection.read_table(build_table(WORDS, AFFIXES))
    assert table.expand(lemma, tags.split()) == tuple(sorted(forms.split()))


def supplemented(words: str) -> Inflection:
    table = Inflection.read_table(build_table(WORDS, AFFIXES))
    table.add_supplement(f"words:\n  - {words}\nforms: []\n")
    return table


def test_a_supplement_word_inflects_like_its_model() -> None:
    table = supplemented("{ like: civil, pos: [noun], lemmas: [rival] }")
    assert table.expand("rival") == ("rival", "rivale", "rivales", "rivals")
    assert table.expand("rival", ("adj",)) == ()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("{ like: inconnu, pos: [noun], lemmas: [drone] }", "unknown model `inconnu`"),
        ("{ like: chanter, pos: [verb], lemmas: [bondir] }", "`bondir` cannot inflect like `chanter`"),
        ("{ like: civil, pos: [nom], lemmas: [rival] }", "unknown part of speech"),
    ],
)
def test_a_supplement_mistake_is_refused_by_name(words: str, message: str) -> None:
    with pytest.raises(InflectionError, match=message):
        supplemented(words)


def test_a_file_of_another_format_is_not_read_as_a_table() -> None:
    with pytest.raises(InflectionError, match="not a table of format"):
        Inflection.read_table("# something else\n\n\n")
