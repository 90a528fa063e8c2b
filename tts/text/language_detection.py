"""The language of a text in Latin letters: English, or one of six others.

Common words, endings and letters count for each language; the data was written by hand.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

MAX_CHARACTERS = 4000  # of a text, that are looked at
MIN_WORDS = 3
# Chosen by hand, on texts in English and on translated messages of programs.
WORD_SCORE, LETTER_SCORE, ENDING_SCORE, SHARED_COST = 2.2, 1.5, 0.8, 0.3
MIN_SCORE, MIN_SCORE_PER_WORD = 2.7, 0.4
ENGLISH_MARGIN = 1.25  # times the score of English that another language must have
# English contractions are one token, so that d', l' and s' of other languages stay apart from them.
WORD = re.compile(r"(?<=[^\W\d_])['’](?:s|t|d|m|ll|re|ve)\b|[^\W\d_]+")
BEGINNING = re.compile(r"[.?!:\n\"“«]")  # of a sentence, where a capital is no sign of a name
APOSTROPHES = ("'", "’")
# Names such as Vincent van Gogh and João da Silva
PARTICLES = re.compile(
    r"\b([A-ZÀ-Þ][^\W\d_]*) (?:(?:de|da|do|dos|di|du|del|la|van|von) ){1,2}(?=[A-ZÀ-Þ])"
)
TAG = re.compile(r"\[\[[^\]]*\]\]|\[[^\[\]\n]{1,80}\]|<[^<>]{1,200}>|\S*(?:://|@)\S*")


@dataclass(frozen=True)
class LanguageProfile:
    """What a language is recognised by.

    Args:
        words: common words, in small letters, separated by spaces.
        letters: its letters that English lacks; those of the others speak against it.
        pattern: of parts that its words have, and those of other languages rarely.
    """

    words: str
    letters: str
    pattern: str

    @cached_property
    def common(self) -> frozenset[str]:
        """The common words."""
        return frozenset(self.words.split())

    @cached_property
    def parts(self) -> re.Pattern[str]:
        """The pattern of the parts."""
        return re.compile(self.pattern)

    def score(self, word: str) -> float:
        """How much a word in small letters speaks for the language."""
        if word in self.common:
            return WORD_SCORE
        part = ENDING_SCORE if self.parts.search(word) else 0.0
        if word.isascii():
            return part
        return part + (LETTER_SCORE if self._spells(word) else -LETTER_SCORE)

    def _spells(self, word: str) -> bool:
        return all(letter.isascii() or letter in self.letters for letter in word)


ENGLISH = LanguageProfile(
    """a about after again all also always am an and any are around as asked at away back be because
    been before being between both but by call came can come could day did do does don done down
    each even ever every few find first for found from get give go going gone good got great had
    has have he her here him his how i if in into is it its just keep know last left less let life
    like little long look looked made make man many may me men might more most much must my near
    never new next no not nothing now of off old on once one only or other our out over own part
    people place put quite said same saw say see seen she should since small so some something
    still such take than that the their them then there these they thing things think this those
    though three through time to too took two under until up upon us very want was way we well went
    were what when where which while who whole why will with without work world would year years
    yes yet you your
    please hello thanks okay today tomorrow yesterday night morning house home room door hand eyes
    's 't 'd 'm 'll 've 're isn didn doesn wasn won couldn wouldn""",
    "",
    r"th|wh|ck$|[^i]ing$|ght|sh|[a-z]ly$|ness$|ful$|ed$|[bcdfglmnprstv]y$|[kl]y|ee|oa|aw|ow",
)
LANGUAGES: Mapping[str, LanguageProfile] = {
    "French": LanguageProfile(
        """le la les un une des du de et est dans que qui pour pas sur plus par avec ne se ce cette
        ces son sa ses mon ma mes ton ta tes notre nos votre vos leur leurs il elle ils elles nous
        vous je tu on au aux mais ou donc où si ni car y en été être avoir fait faire dit dire sont
        suis es êtes sommes ont ai as avons avez était étaient avait avaient sera serait peut
        peuvent peux veux veut doit dois tout tous toute toutes très bien aussi encore toujours
        jamais rien quelque quelques chose comme quand comment pourquoi parce chez sans sous entre
        vers après avant depuis pendant contre moi toi lui eux même autre autres deux trois quatre
        cinq jour jours ans année temps fois homme femme enfant enfants maison vie monde rue ville
        bonjour bonsoir merci oui non voici voilà ici alors déjà trop peu beaucoup moins grand
        grande petit petite bon bonne nouveau nouvelle premier première matin soir nuit demain hier
        aujourd hui veuillez prochain prochaine prends faut va vais vont allez allons vient lorsque
        celui celle ceux dont quel quelle afin ainsi cela ça c' d' j' l' m' n' s' t' qu jusqu
        père mère frère soeur sœur fille fils ami amis amie madame monsieur mademoiselle mot mots
        main tête yeux porte table livre chat chien train gare école travail argent mois semaine
        heure heures minutes minute matinée soirée plusieurs certains chaque tant autant presque
        souvent parfois ensemble dehors dedans derrière devant jamais voir savoir venir prendre
        mettre passer parler aller faisait fut eut vit prit voulait pouvait savait disait regarda
        répondit demanda pense crois sais vois cherche aime arrive reste semble mon eau pain lait
        sel feu""",
        "çéèêëîïôûùœàâ",
        r"eaux?$|tions?$|euse?s?$|eux$|[aeo]ient$|ée?s?$|ement$|ez$|oir$|oire$|ette$|elle$|ille$|"
        r"eur$|ique$|^qu|ois?$|ait$|ô",
    ),
    "German": LanguageProfile(
        """der die das den dem des ein eine einen einem einer eines und oder aber nicht ist sind war
        waren wird werden wurde wurden worden hat haben hatte hatten kann können konnte muss müssen
        soll sollen will wollen wollte darf mag möchte ich du er sie es wir ihr mich dich ihn ihm
        uns euch ihnen mein meine meinen meiner dein deine sein seine seinen seiner unser unsere
        ihre ihren ihrem kein keine keinen auf aus bei mit nach seit von vom zu zum zur für durch
        gegen ohne um an am im in über unter vor hinter neben zwischen wenn weil dass als ob wie wo
        was wer warum wann wieder noch schon nur auch sehr mehr immer nie hier dort heute morgen
        gestern jetzt dann doch mal ja nein bitte danke guten gute gut neue neuen neuer alle alles
        allen viel viele andere anderen zwei drei vier fünf jahr jahre jahren tag tage uhr zeit haus
        mann frau kind kinder stadt welt leben dieser diese dieses diesem diesen jeder jede bis so
        sich man denn damit geht gibt kommt macht machen gehen kommen sagte sagt weiß habe hast bin
        bist wäre würde etwas nichts ganz ab beim ins sowie bereits zwar deshalb trotz während
        mutter vater bruder schwester freund freunde freundin wasser wetter straße zug bahnhof
        schule arbeit geld woche monat stunden minuten weg wort worte hand augen kopf tür tisch buch
        hund katze sonne regen abend morgen nacht stand ging kam sah ließ blieb nahm fragte
        antwortete steht liegt sitzt läuft fährt bleibt lesen sehen sagen essen trinken fahren
        arbeiten suchen finden brauche brauchen bringt nimmt gestern nächste nächsten letzten letzte
        ersten erste große großen kleine kleinen alten alte jungen ganze ganzen meisten wenig einmal
        manchmal oft leider vielleicht gerade endlich sofort außerdem sondern obwohl bevor nachdem
        seit unter""",
        "äöüß",
        r"sch|ung(?:en)?$|keit|heit|lich|isch|^ge.*t$|^ver|^be[a-z]+en$|eit|ei[nst]|[lrntg]en$|"
        r"cht|tz|ieren$|^zu[a-z]+en$|kt$|pf",
    ),
    "Spanish": LanguageProfile(
        """el la los las un una unos unas de del al y que en por para con sin sobre entre
        hasta desde hacia según no sí si se su sus mi mis tu tus me te le les lo nos os yo tú él
        ella ellos ellas nosotros usted ustedes es son era eran fue fueron ser estar está están
        estaba estaban estoy ha han he había habían hay haber tiene tienen tengo tenía hacer hace
        hizo puede pueden puedo quiere quiero va van voy ir dijo dice decir muy más menos mucho
        mucha muchos muchas poco todo toda todos todas nada nadie algo alguien cada otro otra otros
        otras este esta estos estas ese esa eso esto aquel aquella como cuando donde cómo cuándo
        dónde qué quién quien por porque pero sino también tampoco ya aún todavía siempre nunca
        ahora antes después luego aquí allí así bien mal hoy mañana ayer noche día días año años
        vez veces tiempo vida casa hombre mujer niño niños mundo ciudad calle agua gran grande
        pequeño nuevo nueva primer primera dos tres cuatro cinco buenos buenas hola gracias favor
        señor señora sólo solo tan tanto mientras durante contra aunque sea debe deben cuesta
        próximo próxima
        padre madre hermano hermana hijo hija amigo amiga amigos señorita perro gato tren estación
        escuela trabajo dinero mes semana hora horas minutos mano ojos cabeza puerta mesa libro sol
        lluvia tarde mañanas abre cierra llegó salió vino miró preguntó respondió creo sé veo busco
        gusta llega queda parece ver saber venir poner pasar hablar comer beber necesito necesita
        esperar encontrar lleva dejó dentro fuera detrás delante cerca lejos encima debajo juntos
        casi quizás quizá entonces además sin embargo según varios varias mismo misma mejor peor
        joven viejo vieja alto alta pan leche sal fuego tras cual cuyo""",
        "ñáéíóúü",
        r"ción(?:es)?$|[ai]dad$|mente$|[ai]d[oa]s?$|ando$|iendo$|aba[ns]?$|ía[ns]?$|ue[rnlt]|illo$|"
        r"ero$|era$|osa?s?$|ará$|ll|ar$|ón$|[rlnc]ie[nr]|[bcdfglmnprt]os$|[bcdfglmnprt]as$|iente",
    ),
    "Italian": LanguageProfile(
        """il lo la i gli le un uno una di del dello della dei degli delle da dal dallo dalla dai
        dalle in nel nello nella nei negli nelle a al allo alla ai agli alle su sul sulla sui sulle
        con per tra fra e ed o ma se che chi cui non è era erano sono sei siamo siete essere stato
        stata stati ho hai ha abbiamo avete hanno aveva avevano avere fa fare fatto può possono
        posso potrebbe deve devo devono vuole voglio vuoi va vado andare detto disse dice dire io tu
        lui lei noi voi loro mi ti si ci vi me te mio mia miei mie tuo tua suo sua suoi sue nostro
        nostra vostro questo questa questi queste quello quella quelli quelle quel come quando dove
        perché più meno molto molta molti poco tutto tutta tutti tutte niente nulla qualcosa ogni
        altro altra altri altre anche ancora già sempre mai ora adesso poi prima dopo qui lì là così
        bene male oggi domani ieri sera notte giorno giorni anno anni volta tempo vita casa uomo
        donna bambino bambini mondo città strada grande piccolo nuovo nuova primo due tre quattro
        cinque buongiorno buonasera ciao grazie prego favore signor signora solo senza sotto sopra
        contro durante mentre quindi però invece verso fino c' l' d' dell all nell sull un quell
        anch dall
        padre madre fratello sorella figlio figlia amico amica amici cane gatto treno stazione
        scuola lavoro soldi mese settimana ora ore minuti mano occhi testa porta tavola tavolo libro
        sole pioggia mattina pomeriggio guardò chiese rispose penso credo vedo cerco piace arriva
        resta sembra vedere sapere venire mettere passare parlare mangiare bere bisogno dentro fuori
        dietro davanti vicino lontano insieme quasi forse allora inoltre secondo diversi stesso
        stessa meglio peggio giovane vecchio vecchia alto pane latte sale fuoco acqua attraverso
        circa alcuni alcune ciascun qualche nessun nessuno appena finché oppure mia""",
        "àèéìòù",
        r"zion[ei]$|mente$|ità$|[ai]t[oaie]$|ut[oaie]$|[aei]ndo$|[aei]re$|gli|zz|cch|cc[ih]|ss[oaie]"
        r"$|tt[oaie]$|ll[oaie]$|nn[oaie]$|ch[ei]|ier[aei]$|iamo$|ent[oaie]$|os[oaie]$|[rnlst]i$",
    ),
    "Dutch": LanguageProfile(
        """de het een en of maar niet geen is zijn was waren wordt worden werd werden geworden heeft
        hebben had hadden heb kan kunnen kon konden moet moeten moest mag mogen wil willen wilde zal
        zullen zou zouden ik jij je hij zij ze wij we jullie u mij hem haar hen hun mijn jouw zijn
        onze ons uw van voor met op in aan uit bij naar over onder door om tegen zonder tussen na
        sinds tot te als dat die dit deze wie wat waar wanneer waarom hoe omdat want dus ook nog al
        wel niets iets alles veel weinig meer minder zeer heel erg altijd nooit hier daar er toen nu
        dan straks vandaag morgen gisteren avond nacht dag dagen jaar jaren uur tijd huis man vrouw
        kind kinderen mensen stad wereld leven groot grote klein kleine nieuw nieuwe goed goede
        eerste twee drie vier vijf goedemorgen dank bedankt alstublieft graag ja nee gaat gaan ga
        komt komen doen doet zei zegt zeggen maken maakt weer weet alle andere anderen elke iedere
        zich eens even zo toch toe af op ben bent volgens tijdens terwijl zoals volgende ander
        echter steeds eigenlijk misschien laatste natuurlijk
        vader moeder broer zus zoon dochter vriend vrienden hond kat trein station school werk geld
        maand week weken minuten hand ogen hoofd deur tafel boek zon regen middag ochtend ging kwam
        zag liet bleef nam vroeg antwoordde staat ligt zit loopt rijdt blijft lezen zien zeggen eten
        drinken rijden werken zoeken vinden nodig brengt neemt volgend vorige oude jonge hele meeste
        soms vaak helaas net eindelijk meteen bovendien hoewel voordat nadat buiten binnen achter
        samen bijna dicht ver beter slecht brood melk zout vuur water waarin waarbij hierbij daarom
        slechts enkele sommige beide eigen""",
        "éëïöè",
        r"ij|aa[nrtlkmsd]|oo[rntpkds]|ee[nrltkf]|ui[tsd]|oe[nktdrs]|ieuw|lijk|heid|^ge.*[dt]$|"
        r"^ver|cht|[lrnkt]en$|tje|sch|eu[rk]|ou[dw]|aard|ing(?:en)$|vr|uu|kk|^zo",
    ),
    "Portuguese": LanguageProfile(
        """o a os as um uma uns umas de do da dos das em no na nos nas ao à aos às por pelo pela
        pelos pelas para pra com sem sobre entre até desde e ou mas que quem se não sim é são era
        eram foi foram ser estar está estão estava estavam estou há tem têm tinha tinham ter tenho
        fazer faz fez fiz pode podem posso quer quero vai vão vou ir disse diz dizer eu tu ele ela
        eles elas nós vocês você me te lhe lhes meu minha meus minhas teu tua seu sua seus suas
        nosso nossa este esta estes estas esse essa isso isto aquele aquela aquilo como quando onde
        porque porquê qual quais muito muita muitos muitas pouco mais menos tudo todo toda todos
        todas nada ninguém algo alguém cada outro outra outros outras também já ainda sempre nunca
        agora antes depois logo aqui ali lá assim bem mal hoje amanhã ontem noite dia dias ano anos
        vez vezes tempo vida casa homem mulher criança crianças mundo cidade rua água grande pequeno
        novo nova primeiro primeira dois duas três quatro cinco bom boa obrigado obrigada olá favor
        senhor senhora só tão tanto enquanto durante contra embora deve devem num numa dum nem
        próximo próxima desta deste nesta neste daquele
        pai mãe irmão irmã filho filha amigo amiga amigos cão cachorro gato comboio trem estação
        escola trabalho dinheiro mês semana hora horas minutos mão olhos cabeça porta mesa livro sol
        chuva tarde manhã abriu fechou chegou saiu veio olhou perguntou respondeu acho sei vejo
        procuro gosto chega fica parece ver saber vir pôr passar falar comer beber preciso precisa
        esperar encontrar leva deixou dentro fora atrás frente perto longe cima baixo juntos quase
        talvez então além segundo vários várias mesmo mesma melhor pior jovem velho velha alto alta
        pão leite sal fogo cerca partir através à qualquer cujo esteve""",
        "ãõçáâéêíóôúà",
        r"ção$|ções$|ão$|ões$|mente$|dade$|[ai]d[oa]s?$|ando$|endo$|indo$|lh|nh|ava[m]?$|ia[m]?$|"
        r"eir[oa]s?$|m$|vel$|veis$|ss|ar$|ou$|eu$|iu$|[bcdfglmnprt]os$|[bcdfglmnprt]as$|oso?a?$|ência$|"
        r"ei$|ém$",
    ),
}


def detect_language(text: str) -> str | None:
    """The language of a text, if it is plainly another than English.

    Args:
        text: plain text or text with markup. Its first 4000 characters are looked at.

    Returns:
        `French`, `German`, `Spanish`, `Italian`, `Dutch` or `Portuguese`; None for English, for
        other languages, and where it is not plain.

    Example:
        >>> detect_language("Je ne sais pas ce que tu veux dire.")
        'French'
        >>> detect_language("He wrote La Vie en Rose.") is None
        True
    """
    words = list(_words(TAG.sub(" ", text[:MAX_CHARACTERS])))
    if len(words) < MIN_WORDS:
        return None
    foreign = {word for word in words if word not in ENGLISH.common}
    scores = {name: _score(profile, words) for name, profile in LANGUAGES.items()}
    best = max(scores, key=scores.__getitem__)
    least = max(MIN_SCORE, MIN_SCORE_PER_WORD * len(set(words)))
    english = ENGLISH_MARGIN * sum(max(0.0, ENGLISH.score(word)) for word in words)
    plain = _score(LANGUAGES[best], foreign) >= least and scores[best] > english
    return best if plain else None


def _score(profile: LanguageProfile, words: Iterable[str]) -> float:
    """The score of words; one that several languages have tells less."""
    shared = _shared_words()
    return sum(
        profile.score(word) - (SHARED_COST if word in shared else 0.0)
        for word in words
        if profile.score(word)
    )


@cache
def _shared_words() -> frozenset[str]:
    counts = Counter(word for profile in LANGUAGES.values() for word in profile.common)
    return frozenset(word for word, count in counts.items() if count > 1)


def _words(text: str) -> Iterator[str]:
    """The words in small letters, without names, which tell little of the language around them."""
    shown = PARTICLES.sub(r"\1 ", text)
    capitals, begins, last = shown.isupper(), True, 0
    for word in WORD.finditer(shown):
        written = word.group()
        begins = begins or BEGINNING.search(shown, last, word.start()) is not None
        last = word.end()
        if capitals or begins or not written[0].isupper():
            elided = len(written) == 1 and shown[last : last + 1] in APOSTROPHES
            yield written.lower().replace("’", "'") + "'" * elided
        begins = False
