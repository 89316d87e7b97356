"""Words around place names: what announces a place or a street, and names that are ordinary words."""

# The word before a name that says its level.
LEVEL_CUES = {
    **dict.fromkeys("kel kelurahan klurahan keluarahan kelurhan desa lurah kalurahan".split(), "kelurahan"),
    **dict.fromkeys("kec kecamatan kcamatan kecmatan kecamtan camat kecamatannya".split(), "kecamatan"),
}
# The word before a name that says it is a place at all.
AREA_CUES = frozenset(
    """di d daerah drh wilayah wil dekat dkt deket sekitar sekitaran kawasan arah ke menuju dari dr area
lokasi lok
depan dpn belakang samping seberang kampung kp dusun dukuh ning nang neng ing ndek cedhak cedak tlatah
caket deukeut
ka ti dugi in at near around from pinggir sebelah kota perbatasan batas warga masyarakat asal sekolah
bertempat
perum perumahan perempatan pertigaan simpang bundaran jembatan""".split()
)
# The word before a name that names a thing after the place it stands in.
BESIDE_NAME = frozenset(
    """pasar psr puskesmas pkm polsek koramil terminal stasiun sd sdn smp smpn sma sman smk smkn mi mts
tk paud rsud rs
masjid mushola musala gereja kantor balai gedung taman lapangan makam tpu rusun rusunawa tps tpa kua rt
rw bank
spbu pom gor kampus pelabuhan rumah sungai kali waduk embung""".split()
)
STREET_CUES = frozenset("jl jln jalan jlan jaln dalan gang gg gang2 street road lorong lr".split())
STREET_FILLERS = frozenset("raya besar utama dalam inspeksi protokol kolektor".split())

# Writing of compass points and the like inside names.
SHORT_FORMS = dict(
    pair.split("=")
    for pair in """smg=semarang sel=selatan slt=selatan sltn=selatan utr=utara tmr=timur brt=barat
tgh=tengah
tngh=tengah kdl=kidul kln=kulon wtn=wetan kr=karang gn=gunung gng=gunung tj=tanjung tg=tanjung ps=pasar
psr=pasar
st=stasiun sta=stasiun""".split()
)

# Names of places somewhere in the country that are ordinary words as well: they need a place word before.
ORDINARY = frozenset(
    """tugu candi kudu pesantren jagalan wates bringin beringin sawahbesar gemah sampangan tambangan
siwalan kauman
panggung tandang pandean sekaran bendungan kuningan pasar baru kota sumber tengah kidul lor wetan kulon
barat timur
selatan utara gunung sendang kebon pelabuhan terminal stasiun makam pandan gebang genteng kebonagung
johar poncol
mugas gedungbatu blenduk simpanglima balaikota lapangan taman benteng pabean tembok dukuh mulyo wonosari
bulu
kedung jati kramat sungai danau melayu pulau manggis teluk telaga kelayan alalak mawar seberang antasan
pekauman
pemurus cabean kandri sukorejo tegalsari""".split()
) - {"simpanglima", "balaikota"}
# Never a place of the city, however near a name is.
NEVER = frozenset(
    """tugumuda tugupahlawan tugubatas sekarang sekaranga pedagang kandang lapangan bendera candiborobudur
kuduharus kudune gubernur kelurahan kecamatan sekolahan jembatan perumahan pemukiman permukiman tembalangan
pertamina panggungan""".split()
)
