"""What smells of corruption or violence, and what only sounds like it. All sentences are invented."""

import pytest

from bot.reading.sensitive import smell
from tests.talking import UNDERSTANDING

CORRUPTION = [
    "ada pungli di kantor kelurahan, ngurus surat bayar 200 ribu",
    "oknum petugas minta uang supaya berkas cepat",
    "saya dimintai uang rokok waktu ambil KTP",
    "Pak lurah minta jatah dari bantuan warga",
    "dana bansos disunat, harusnya 600 dapat 400",
    "banyak calo di tempat uji kir",
    "panitia menerima suap dari kontraktor",
    "proyek talud di mark up dua kali lipat",
    "kepala sekolah meminta biaya, padahal seragam gratis",
    "guru minta sumbangan, katanya uang pelicin masuk sekolah",
    "tanah warga: pegawai loket minta bayaran 1 juta",
    "korupsi dana kas RW",
    "petugas njaluk duit yen ngurus surat",
    "pamong mundut arta kangge tanda tangan",
    "patugas kelurahan menta duit keur ngurus surat",
    "di loket dipentaan duit 50 rebu",
    "the officer asked me for money to stamp the letter",
    "clerk wants a bribe for the permit",
]
VIOLENCE = [
    "anak saya dipukuli guru di sekolah",
    "tetangga korban KDRT, tolong dibantu",
    "pelecehan seksual di angkot jurusan Mangkang",
    "siswa dibully teman sekelas sampai tidak mau sekolah",
    "saya diancam tukang parkir pakai pisau",
    "istri saya ditampar petugas keamanan",
    "perundungan di SMP dekat rumah",
    "guru memukul murid dengan penggaris",
    "suami tetangga sering menyiksa anaknya",
    "warga dikeroyok preman pasar",
    "anakku digebuki kancane ning sekolah",
    "budak kuring diteunggeul ku guruna",
    "my son is bullied at school",
    "domestic violence next door, please help",
    "ada plecehan? maksudnya pelecehen di halte",
]
NEITHER = [
    "jalan dipukul truk sampai berlubang",
    "rumah kami diancam longsor, tebing retak",
    "pohon tua mengancam akan roboh ke rumah saya",
    "ancaman banjir di Tugurejo, pompa mati",
    "pengemis minta uang di lampu merah",
    "pengamen meminta uang di angkot",
    "saya minta uang kembali, air PDAM tidak mengalir",
    "tolong beri jatah air bersih untuk warga RT 4",
    "pedagang kaki lima menutup trotoar",
    "calon siswa bingung cara daftar sekolah",
    "kapan sosialisasi anti korupsi di kelurahan?",
    "zona bebas pungli sudah ada spanduknya?",
    "lampu jalan mati dekat kantor polisi",
    "petugas kebersihan tidak datang seminggu",
    "mohon biaya parkir diumumkan di papan",
    "kekurangan tempat sampah di taman",
    "perkerasan jalan belum selesai",
    "pencabutan izin reklame bagaimana caranya?",
    "jam operasional puskesmas pukul berapa?",
    "dalan bolong gedhe cedhak pasar",
    "solokan mampet, cai ka jalan",
    "street light broken near the police office",
    "the tree threatens to fall on the road",
]


@pytest.mark.parametrize("text", CORRUPTION)
def test_corruption_is_noticed(text: str) -> None:
    assert smell(text) == "corruption"


@pytest.mark.parametrize("text", VIOLENCE)
def test_violence_is_noticed(text: str) -> None:
    assert smell(text) == "violence"


@pytest.mark.parametrize("text", NEITHER)
def test_an_ordinary_report_smells_of_nothing(text: str) -> None:
    assert smell(text) == ""


def test_the_smell_is_part_of_what_is_understood() -> None:
    assert UNDERSTANDING.read("ada pungli di kelurahan Sekayu").sensitive == "corruption"
    assert UNDERSTANDING.read("SMG guru memukul murid").sensitive == "violence"
    assert UNDERSTANDING.read("lampu mati").sensitive == "" and UNDERSTANDING.read("BATAL").sensitive == ""


def test_a_long_text_is_read_to_the_end_that_understanding_reads() -> None:
    assert smell("kata " * 400 + "pungli") == "corruption"
