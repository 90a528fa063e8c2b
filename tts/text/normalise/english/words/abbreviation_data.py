"""American abbreviations and their full forms: titles, streets, months, parts of books, states.

The tables were written by hand; the two-letter states are those of the US Postal Service.
"""

BEFORE_NAMES = {
    "Mr": "Mister",
    "Mrs": "Mrs",
    "Ms": "Miz",
    "Messrs": "Messieurs",
    "Dr": "Doctor",
    "Drs": "Doctors",
    "Prof": "Professor",
    "Gen": "General",
    "Adm": "Admiral",
    "Cmdr": "Commander",
    "Col": "Colonel",
    "Maj": "Major",
    "Capt": "Captain",
    "Cpt": "Captain",
    "Lt": "Lieutenant",
    "Sgt": "Sergeant",
    "Cpl": "Corporal",
    "Pvt": "Private",
    "Rev": "Reverend",
    "Hon": "Honorable",
    "Rt": "Right",
    "Fr": "Father",
    "Msgr": "Monsignor",
    "Sen": "Senator",
    "Rep": "Representative",
    "Gov": "Governor",
    "Pres": "President",
    "Supt": "Superintendent",
    "Insp": "Inspector",
    "Atty": "Attorney",
    "St": "Saint",
    "Ste": "Sainte",
    "Mt": "Mount",
    "Pt": "Point",
    "Ft": "Fort",
}
STREETS = {
    "St": "Street",
    "Dr": "Drive",
    "Ave": "Avenue",
    "Av": "Avenue",
    "Blvd": "Boulevard",
    "Rd": "Road",
    "Ln": "Lane",
    "Ct": "Court",
    "Pl": "Place",
    "Sq": "Square",
    "Pkwy": "Parkway",
    "Hwy": "Highway",
    "Ter": "Terrace",
    "Expy": "Expressway",
    "Fwy": "Freeway",
    "Cir": "Circle",
    "Cres": "Crescent",
    "Tpke": "Turnpike",
    "Trl": "Trail",
    "Aly": "Alley",
    "Byp": "Bypass",
    "Hts": "Heights",
}
AFTER_NAMES = STREETS | {
    "Jr": "Junior",
    "Sr": "Senior",
    "Esq": "Esquire",
    "Inc": "Incorporated",
    "Ltd": "Limited",
    "Co": "Company",
    "Cos": "Companies",
    "Corp": "Corporation",
    "Bros": "Brothers",
    "Univ": "University",
    "Mtn": "Mountain",
    "Mts": "Mountains",
}
BEFORE_NUMBERS = {
    "No": "Number",
    "Nos": "Numbers",
    "Fig": "Figure",
    "Figs": "Figures",
    "Eq": "Equation",
    "Eqs": "Equations",
    "Thm": "Theorem",
    "Prop": "Proposition",
    "Ref": "Reference",
    "Refs": "References",
    "Sect": "Section",
    "Amend": "Amendment",
    "Tab": "Table",
    "Vol": "Volume",
    "Vols": "Volumes",
    "Ch": "Chapter",
    "Chap": "Chapter",
    "Sec": "Section",
    "Art": "Article",
    "Ver": "Version",
    "Ed": "Edition",
    "Op": "Opus",
    "P": "Page",
    "Pp": "Pages",
    "Pg": "Page",
    "Par": "Paragraph",
    "Ext": "Extension",
    "Apt": "Apartment",
    "Rm": "Room",
    "Ste": "Suite",
    "Hwy": "Highway",
    "Rte": "Route",
    "Rt": "Route",
    "Tel": "Telephone",
    "Ca": "Circa",
    "Bldg": "Building",
    "Ep": "Episode",
    "Pt": "Part",
    "Ps": "Psalm",
    "Para": "Paragraph",
    "Cl": "Clause",
    "Inv": "Invoice",
    "Acct": "Account",
}
MONTH_ABBREVIATIONS = {
    "Jan": "January",
    "Feb": "February",
    "Mar": "March",
    "Apr": "April",
    "Jun": "June",
    "Jul": "July",
    "Aug": "August",
    "Sep": "September",
    "Sept": "September",
    "Oct": "October",
    "Nov": "November",
    "Dec": "December",
}
MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = {
    "Mon": "Monday",
    "Tue": "Tuesday",
    "Tues": "Tuesday",
    "Wed": "Wednesday",
    "Thu": "Thursday",
    "Thur": "Thursday",
    "Thurs": "Thursday",
    "Fri": "Friday",
}
WEEKEND = {"Sat": "Saturday", "Sun": "Sunday"}  # also words, so expanded only before a date
ABBREVIATIONS = {
    "vs": "versus",
    "etc": "et cetera",
    "approx": "approximately",
    "dept": "department",
    "govt": "government",
    "est": "established",
    "misc": "miscellaneous",
    "incl": "including",
    "excl": "excluding",
    "max": "maximum",
    "min": "minimum",
    "avg": "average",
    "temp": "temperature",
    "tel": "telephone",
    "cf": "compare",
    "viz": "namely",
    "ibid": "ibidem",
    "asst": "assistant",
    "appt": "appointment",
    "mgmt": "management",
    "mgr": "manager",
    "intl": "international",
    "bldg": "building",
    "acct": "account",
    "assoc": "associate",
    "e.g": "for example",
    "eg": "for example",
    "i.e": "that is",
    "a.k.a": "also known as",
    "et al": "and others",
    "Ph.D": "P H D",
    "w.r.t": "with respect to",
}
COMPASS_POINTS = {"N": "north", "S": "south", "E": "east", "W": "west"}
STATES = """
AL Alabama AK Alaska AZ Arizona AR Arkansas CA California CO Colorado CT Connecticut DE Delaware
FL Florida GA Georgia HI Hawaii ID Idaho IL Illinois IN Indiana IA Iowa KS Kansas KY Kentucky
LA Louisiana ME Maine MD Maryland MA Massachusetts MI Michigan MN Minnesota MS Mississippi
MO Missouri MT Montana NE Nebraska NV Nevada NH New_Hampshire NJ New_Jersey NM New_Mexico
NY New_York NC North_Carolina ND North_Dakota OH Ohio OK Oklahoma OR Oregon PA Pennsylvania
RI Rhode_Island SC South_Carolina SD South_Dakota TN Tennessee TX Texas UT Utah VT Vermont
VA Virginia WA Washington WV West_Virginia WI Wisconsin WY Wyoming DC D_C
"""
NEWSPAPER_STATES = """
Ala Alabama Ariz Arizona Ark Arkansas Calif California Colo Colorado Conn Connecticut Del Delaware
Fla Florida Ga Georgia Ill Illinois Ind Indiana Kan Kansas Ky Kentucky La Louisiana Md Maryland
Mass Massachusetts Mich Michigan Minn Minnesota Miss Mississippi Mo Missouri Mont Montana
Neb Nebraska Nev Nevada N.H New_Hampshire N.J New_Jersey N.M New_Mexico N.Y New_York
N.C North_Carolina N.D North_Dakota Okla Oklahoma Ore Oregon Pa Pennsylvania R.I Rhode_Island
S.C South_Carolina S.D South_Dakota Tenn Tennessee Tex Texas Vt Vermont Va Virginia
Wash Washington W.Va West_Virginia Wis Wisconsin Wyo Wyoming
"""
# A capital after a full stop may begin a name; these words begin a sentence.
STARTERS = (
    "A|After|All|An|And|As|At|But|By|For|From|He|Her|His|How|I|If|In|It|Its|Not|Now|Of|On|One|Or|"
    "Our|She|So|Some|That|The|Their|Then|There|These|They|This|Those|Thus|To|Was|We|Were|What|"
    "When|Where|Which|While|Who|Why|With|Yes|Yet|You|Your"
)
