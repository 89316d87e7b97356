"""Chat spelling to plain words: one way of writing for texts and word lists alike.

Both sides of every comparison go through `plain_words`, so a word list may be written as citizens write.
"""

import re
import unicodedata

# Longer stories are rare and their topic comes early; reading stops here so that no text is slow.
READ_CHARACTERS = 3000

# What citizens type -> the word that is meant. Javanese and Sundanese words stand here only where one
# Indonesian word says the same in every line.
CHAT = dict(
    pair.split("=")
    for pair in """
yg=yang yng=yang dgn=dengan dg=dengan dngan=dengan utk=untuk u=untuk tuk=untuk dr=dari dri=dari dlm=dalam
krn=karena karna=karena krna=karena pd=pada pda=pada tsb=tersebut spt=seperti sprti=seperti jd=jadi jg=juga
jga=juga sdh=sudah sdah=sudah udh=sudah udah=sudah dah=sudah sampun=sudah wis=sudah wes=sudah
uwis=sudah uwes=sudah mpun=sudah tos=sudah
geus=sudah blm=belum blom=belum belom=belum blum=belum durung=belum dereng=belum teuacan=belum encan=belum
gk=tidak ga=tidak gak=tidak g=tidak ngga=tidak nggak=tidak enggak=tidak engga=tidak ndak=tidak
tdk=tidak tak=tidak kagak=tidak ora=tidak ra=tidak mboten=tidak teu=tidak henteu=tidak gx=tidak tdak=tidak
nda=tidak nggk=tidak kaga=tidak bkn=bukan bukn=bukan dudu=bukan sanes=bukan
sy=saya sya=saya aq=saya aku=saya ane=saya gue=saya gw=saya gua=saya kulo=saya kula=saya abdi=saya
km=kamu kmu=kamu kt=kita kmi=kami anda=anda bpk=bapak pk=bapak pak=bapak bu=ibu ibuk=ibu sdr=saudara
org=orang orng=orang wong=orang jalma=orang bnyk=banyak byk=banyak bnyak=banyak akeh=banyak
sgt=sangat bgt=sekali bngt=sekali banget=sekali skali=sekali lg=lagi lgi=lagi maneh=lagi trs=terus trus=terus
bs=bisa bsa=bisa bsk=besok iso=bisa tlg=tolong tlong=tolong tolg=tolong tulung=tolong mhn=mohon mohn=mohon
mhon=mohon minta=minta njaluk=minta jaluk=minta mnt=minta hrs=harus hrus=harus sm=sama karo=dengan
sareng=dengan gmn=bagaimana gmana=bagaimana gimana=bagaimana bgmn=bagaimana bagaimna=bagaimana
piye=bagaimana pripun=bagaimana kumaha=bagaimana knp=kenapa knpa=kenapa napa=kenapa mengapa=kenapa kpn=kapan
kapn=kapan iraha=kapan brp=berapa brapa=berapa pira=berapa sampe=sampai smpai=sampai nyampe=sampai
ngendi=mana endi=mana tekan=sampai dugi=sampai tlp=telepon telp=telepon telpon=telepon
tilpun=telepon hp=ponsel
no=nomor nmr=nomor nomer=nomor num=nomor lap=laporan lpr=lapor laprn=laporan laporn=laporan
lpran=laporan lapro=lapor lapo=lapor pngaduan=pengaduan
jln=jalan jl=jalan jlan=jalan jaln=jalan jalanan=jalan dalan=jalan dalane=jalan jlnan=jalan jlnnya=jalan
gg=gang rsk=rusak rsak=rusak rusk=rusak lbg=lubang lobang=lubang lbang=lubang
berlobang=berlubang brlubang=berlubang lmpu=lampu lamp=lampu lampune=lampu
mt=mati mti=mati ngalir=mengalir bnjr=banjir bnjir=banjir smph=sampah sampa=sampah sampahe=sampah
phn=pohon phon=pohon pohn=pohon dpn=depan dpan=depan ngarep=depan blkg=belakang blkng=belakang
mburi=belakang smping=samping dkt=dekat deket=dekat cedhak=dekat cedak=dekat caket=dekat sblh=sebelah
ds=desa ling=lingkungan perumahan=perum perumhan=perum
kel=kelurahan klurahan=kelurahan keluarahan=kelurahan kec=kecamatan kcamatan=kecamatan kecmatan=kecamatan
kab=kabupaten prov=provinsi skrg=sekarang skrng=sekarang skg=sekarang saiki=sekarang ayeuna=sekarang
kmrn=kemarin kmarin=kemarin wingi=kemarin kamari=kemarin mlm=malam malem=malam wengi=malam peuting=malam
pg=pagi sng=siang sore=sore hr=hari dina=hari bln=bulan thn=tahun th=tahun mgg=minggu mg=minggu
jm=jam bbrp=beberapa brg=barang dtg=datang dateng=datang teko=datang
ktr=kantor kntr=kantor plyn=pelayanan plynan=pelayanan pelynan=pelayanan peg=pegawai
ptgs=petugas ptugas=petugas
skolah=sekolah sklh=sekolah sekolahan=sekolah gr=guru rmh=rumah omah=rumah omahe=rumah imah=rumah
mksh=terimakasih mksih=terimakasih makasih=terimakasih makasi=terimakasih mkasih=terimakasih tks=terimakasih
thx=terimakasih tq=terimakasih thanks=terimakasih thank=terimakasih trims=terimakasih trmksh=terimakasih
trimakasih=terimakasih terimaksih=terimakasih trm=terima ksh=kasih tengkyu=terimakasih
suwun=terimakasih nuwun=terimakasih nuhun=terimakasih hatur=terimakasih hturnuhun=terimakasih
slmt=selamat slamat=selamat met=selamat sugeng=selamat wilujeng=selamat enjing=pagi enjang=pagi
sonten=sore dalu=malam wengi=malam ass=assalamualaikum asslm=assalamualaikum aslm=assalamualaikum
assalamu=assalamualaikum assalamualaikum=assalamualaikum askum=assalamualaikum
y=ya iy=ya iya=ya iyah=ya iyo=ya iyoh=ya yo=ya yup=ya yoi=ya yes=ya nggih=ya njih=ya inggih=ya enggih=ya
muhun=ya sumuhun=ya enya=ya leres=betul bener=betul btul=betul btl=batal
mau=mau mo=mau pengen=ingin pengin=ingin pingin=ingin arep=mau ajeng=mau hoyong=ingin hayang=ingin bade=mau
bikin=buat gawe=buat nggawe=buat damel=buat nyieun=buat nyuwun=minta ngomong=bicara ngobrol=bicara
nyarios=bicara
ngadu=mengadu wadul=mengadu lporkan=laporkan lapur=lapor bantuin=bantu bantuanya=bantuan carane=cara
carana=cara caranya=cara sido=jadi sidane=jadi janten=jadi
wit=pohon wite=pohon tangkal=pohon banyu=air banyune=air cai=air peteng=gelap poek=gelap pareum=mati
byarpet=mati uwuh=sampah runtah=sampah larahan=sampah caah=banjir kalen=selokan solokan=selokan
sklokan=selokan bolong=berlubang jeglong=berlubang jeglongan=berlubang krowak=berlubang
geni=api seuneu=api bocah=anak budak=anak tkg=tukang krj=kerja pkrjaan=pekerjaan dpt=dapat dpat=dapat
dapet=dapat tmpt=tempat tmpat=tempat alamt=alamat lks=lokasi perbaikn=perbaikan prbaikan=perbaikan
perbaiki=perbaikan diperbaiki=perbaikan prbaiki=perbaikan dibenerin=perbaikan benerin=perbaikan
dibenahi=perbaikan wae=saja mawon=saja sios=jadi jalmi=orang tiyang=orang asslmkum=assalamualaikum
asslamualaikum=assalamualaikum maturnuwun=terimakasih matursuwun=terimakasih komplen=komplain lpor=lapor
caranipun=cara caranane=cara pundi=mana tau=tahu ngerti=tahu ngertos=tahu dugi=sampai
stts=status iyaa=ya okee=ok okey=ok batalke=batal mbatalke=batal batalno=batal
garbage=sampah trash=sampah rubbish=sampah pothole=berlubang potholes=berlubang road=jalan street=jalan
light=lampu lights=lampu broken=rusak damaged=rusak flood=banjir flooded=banjir flooding=banjir water=air
tree=pohon trees=pohon parking=parkir electricity=listrik hole=lubang noise=bising noisy=bising drain=saluran
boten=tidak heunteu=tidak moal=tidak gag=tidak endak=tidak acan=belum lom=belum lum=belum atos=sudah ud=sudah
jgn=jangan iye=ya iyup=ya yap=ya yaa=ya yess=ya injih=ya nggeh=ya inggeh=ya enggeh=ya heueuh=ya heeuh=ya
heeh=ya
bnr=benar tul=betul blh=boleh sipp=sip siapp=siap ashiap=siap oce=oke okie=oke okedeh=oke se7=setuju
satuju=setuju
sapuk=setuju mangke=nanti mengko=nanti engko=nanti ngko=nanti engke=nanti engkin=nanti ntar=nanti lepat=salah
klentu=keliru kliru=keliru cios=jadi mangertos=tahu haturnuhun=terimakasih thankz=terimakasih
maacih=terimakasih
mbiyantu=bantu ngewangi=bantu ngrewangi=bantu bantos=bantu pitulung=bantuan
school=sekolah teacher=guru bridge=jembatan sidewalk=trotoar dark=gelap blocked=tersumbat clogged=tersumbat
""".split()
)
# What an emoji says when it stands for a word.
EMOJI = {
    "👍": " ya ",
    "👌": " ya ",
    "✅": " ya ",
    "✔": " ya ",
    "🆗": " ok ",
    "👎": " tidak ",
    "❌": " tidak ",
    "🚫": " tidak ",
    "🙏": " terimakasih ",
    "🔥": " ",
}
_EMOJI = re.compile("|".join(map(re.escape, EMOJI)))
_APOSTROPHES = re.compile("[`'\u2018\u2019\u02bc]")
# "tolooong", "tolonggg"; but pppk is an abbreviation.
_LONG_DRAWN = re.compile(r"(?<=[a-z])([aiueo])\1{2,}|(?<=[a-z]{3})([a-z])\2{2,}\b")
_DOUBLED_BY_2 = re.compile(r"\b([a-z]{4,})2(?=\b|nya)")
_THANKS = re.compile(r"\bter?ima\s+kasih?\b")
_WORD = re.compile(r"[^\W_]+")
_ENDINGS = ("nya", "lah", "kah")


def clean(text: str) -> str:
    """Return the text in lower case, in one Unicode form, without broken characters; at most 3,000 long."""
    whole = text[:READ_CHARACTERS].encode("utf-8", "ignore").decode("utf-8").replace("\0", " ")
    return unicodedata.normalize("NFKC", whole).casefold()


def raw_words(text: str) -> list[str]:
    """Return the words of a text as typed: lower case, without punctuation, drawn-out letters cut short.

    Emoji that say yes, no or thanks count as that word; "anak2" becomes "anak".
    """
    spoken = _EMOJI.sub(lambda found: EMOJI[found.group()], clean(text))
    joined = _THANKS.sub("terimakasih", _APOSTROPHES.sub("", spoken))
    return _WORD.findall(_DOUBLED_BY_2.sub(r"\1", undrawn(joined)))


def undrawn(text: str) -> str:
    """Return a lower-case text with its drawn-out letters cut short: "tolooong" gives tolong."""
    return _LONG_DRAWN.sub(r"\1\2", text)


def plain_words(text: str) -> list[str]:
    """Return the words of a text in plain spelling: "jln rsk dpn rmhnya" gives jalan rusak depan rumah."""
    return [plain_word(word) for word in raw_words(text)]


def plain_word(word: str) -> str:
    """Return one lower-case word in plain spelling, without the endings -nya, -lah, -kah."""
    known = CHAT.get(word)
    if known is not None:
        return known
    for ending in _ENDINGS:
        # A stem under four letters is a word of its own: punya, hanya, kalah.
        stem = word.removesuffix(ending)
        if stem != word and (len(stem) >= 4 or stem in CHAT):
            return CHAT.get(stem, stem)
    return word
