"""The word table: what it makes of a text, what is in the file, and what it learns from a city's reports."""

import gzip
from pathlib import Path
from random import Random

import pytest

from bot.cities.city import Category, read_city
from bot.reading.copies import groups
from bot.reading.learning import NOTHING, learn, main, place_parts
from bot.reading.measuring import folds_of
from bot.reading.name_words import name_words
from bot.reading.signs import kind_of
from bot.reading.topics import Topics
from bot.understanding import Understanding
from bot.words import OWN, SHIPPED, BadTable, Table, WordRanker, ranker_for, read_table, write_table

SEMARANG = read_city(Path(__file__).parent.parent / "city" / "semarang")
LISTED = tuple(SEMARANG.categories.values())
BRAIN = Understanding(SEMARANG)
TABLE = read_table(SHIPPED)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("aspal di depan gapura kampung kami mengelupas, motor sering selip", "jalan"),
        ("tiap hujan sebentar saja air masuk sampai teras, selokannya dangkal", "drainase_banjir"),
        ("sudah tiga malam gang kami gelap karena lampunya tidak menyala", "penerangan_jalan"),
        ("traffic light di perempatan mati, kendaraan saling serobot", "lalu_lintas"),
        ("mobil berjejer di depan toko memakan badan jalan, karcisnya dua kali lipat", "parkir"),
        ("truk pengangkut tidak datang seminggu, baunya sampai ke dapur", "sampah_lingkungan"),
        ("dahan di depan sekolah sudah menyentuh kabel, mohon dirantingi", "pohon_taman"),
        ("kran di rumah tidak keluar sejak subuh padahal tagihan selalu dibayar", "air_bersih"),
        ("token sudah diisi tapi meteran tetap berkedip, PLN belum datang", "listrik_energi"),
        ("orkes dangdut tetangga sampai jam dua pagi, kami tidak bisa tidur", "ketertiban_umum"),
        ("ada ular besar masuk dapur warga, mohon bantuan petugas", "keamanan_darurat"),
        ("nenek saya hidup sendiri dan tidak pernah menerima sembako", "bantuan_sosial"),
        ("tetangga saya korban KDRT, suaminya sering memukul, harus mengadu ke mana", "perempuan_anak"),
        ("sudah rekam data tapi KTP belum dicetak juga", "kependudukan"),
        ("pak lurah tidak ada di kantor, surat pengantar jadi terlambat", "pemerintahan_wilayah"),
        ("nilai rapor anak saya salah dan wali kelasnya tidak mau memperbaiki", "pendidikan"),
        ("menunggu dokter di puskesmas dari jam tujuh sampai siang", "kesehatan"),
        ("upah lembur kami tidak dibayar perusahaan", "ketenagakerjaan"),
        ("kapan rusunawa dibuka lagi, kami antre sejak dua tahun", "perumahan_pertanahan"),
        ("warung saya mau urus NIB tapi bingung lewat mana", "usaha_pajak"),
        ("petugas di loket minta uang rokok supaya berkas cepat", "aparatur"),
        ("website pendaftaran error terus waktu unggah foto", "teknologi"),
        ("usul lapangan bola di kampung dipakai untuk festival", "lainnya"),
    ],
)
def test_the_right_category_is_among_the_three_named_first(text: str, category: str) -> None:
    assert category in [code for code, _ in BRAIN.categories(text)]


def test_a_clear_text_is_surer_than_one_that_may_mean_two_things() -> None:
    clear = BRAIN.categories("lampu PJU padam, jalan gelap sekali")
    torn = BRAIN.categories("jalan rusak dan lampu mati")
    assert clear[0][1] > 0.9 > torn[0][1]
    assert {"jalan", "penerangan_jalan"} == {code for code, _ in torn[:2]}


@pytest.mark.parametrize(
    "text", ["", "wkwkwk", "xqzt prrr", "halo selamat pagi", "saya mau lapor", "12345", "👍👍"]
)
def test_a_text_that_names_nothing_gets_no_category(text: str) -> None:
    assert BRAIN.categories(text) == ()


def test_probabilities_fall_and_stay_below_one_together() -> None:
    scores = [score for _, score in BRAIN.categories("sampah dan lumpur menumpuk di got depan pasar")]
    assert scores == sorted(scores, reverse=True)
    assert 0 < sum(scores) <= 1.0001


def test_a_category_of_the_citys_own_works_through_the_words_it_lists() -> None:
    ferry = Category("penyeberangan_sungai", "Kapal", "Perhubungan", ("kapal", "dermaga", "klotok"))
    listed = (*LISTED, ferry)
    codes = {category.code for category in listed}
    ranker = WordRanker(TABLE, Topics(listed), codes)
    assert ranker.rank("klotok di dermaga tidak berangkat")[0][0] == "penyeberangan_sungai"


def test_a_category_the_city_does_not_have_is_never_named() -> None:
    listed = [category for category in LISTED if category.code != "parkir"]
    ranker = ranker_for(Topics(listed), listed)
    assert "parkir" not in [code for code, _ in ranker.rank("juru parkir liar minta uang parkir")]


def test_the_file_is_small_and_holds_no_digits_and_no_names() -> None:
    assert SHIPPED.stat().st_size < 500_000
    words = {word for sign in TABLE.weights for word in sign.strip("<~^$").split()}
    assert len(words) > 2_000
    assert not [word for word in words if any(letter.isdigit() for letter in word)]
    people = """
        agus budi siti sri dewi putri rini yanti joko slamet bambang wahyu eko dwi tri andi rudi hendra ahmad
        muhammad nur fitri indah ratna lestari wati sari susanti setiawan kurniawan santoso wijaya
        hidayat saputra nugroho rahmat ridwan yusuf ibrahim aisyah fatimah maria yohanes
        made wayan nyoman ketut asep
        ujang dedi iwan heri yuli endang sulastri supriyadi suparman mulyono haryanto
        dimas rizki bayu""".split()
    streets = """surabaya bandung rungkut gubeng kenjeran wonokromo tambaksari sawahan sukolilo ngagel
        dharmahusada
        antapani cicadas buahbatu dago soekarno sudirman diponegoro ahmadyani pandugo manyar""".split()
    assert words.isdisjoint([*people, *streets])


def test_a_table_survives_its_file_and_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "one.gz", tmp_path / "two.gz"
    write_table(TABLE, one)
    write_table(read_table(one), two)
    assert one.read_bytes() == two.read_bytes()
    # What is inside, not how it is packed: another zlib packs otherwise.
    assert gzip.decompress(one.read_bytes()) == gzip.decompress(SHIPPED.read_bytes())
    assert sorted(file.name for file in tmp_path.iterdir()) == ["one.gz", "two.gz"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        gzip.compress(b"other\n", mtime=0),
        gzip.compress(b"kentongan-words-1\t\ta\n=bias\t\tx\n", mtime=0),
    ],
    ids=["empty", "nonsense", "another file", "broken numbers"],
)
def test_a_broken_own_table_gives_way_to_the_shipped_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / OWN).write_bytes(content)
    with pytest.raises(BadTable, match=OWN):
        read_table(tmp_path / OWN)
    ranker = ranker_for(Topics(LISTED), LISTED, tmp_path)
    assert ranker.rank("lampu jalan padam")[0][0] == "penerangan_jalan"


FILLING = """sudah sejak bulan lalu warga sini merasa terganggu setiap pagi maupun malam mohon dinas
segera datang melihat sendiri keadaan karena pernah dibicarakan rapat tetapi belum ada tindakan apa pun dari
pihak mana saja padahal anak kecil sering lewat situ terima kasih atas perhatian semoga cepat beres""".split()
CHANCE = Random(1)


def _texts(telling: str) -> list[str]:
    """Thirty texts about one thing, as different from each other as those of thirty people."""
    return [" ".join([telling, *CHANCE.sample(FILLING, 9)]) for _ in range(30)]


SNAILS, KITES = _texts("bekicot"), _texts("layangan")
TOLD = [(text, "hama") for text in SNAILS] + [(text, "mainan") for text in KITES]


def test_training_on_a_few_texts_learns_them() -> None:
    table = learn(TOLD, NOTHING, ())
    ranker = WordRanker(table, Topics(()), {"hama", "mainan"})
    assert ranker.rank("bekicot di mana-mana")[0][0] == "hama"
    assert ranker.rank("anak main layangan")[0][0] == "mainan"
    assert ranker.rank("kuda nil") == ()


def test_corrections_of_officers_move_a_category_and_leave_the_others() -> None:
    before = WordRanker(TABLE, Topics(LISTED), SEMARANG.categories)
    told = [(text, "pohon_taman") for text in SNAILS]
    after = WordRanker(learn(told, TABLE, LISTED), Topics(LISTED), SEMARANG.categories)
    text = "bekicot di pekarangan saya"
    assert "pohon_taman" not in [code for code, _ in before.rank(text)]
    assert after.rank(text)[0][0] == "pohon_taman"
    for other in ("lampu PJU padam", "KTP belum dicetak", "puskesmas antre lama", "got mampet dan banjir"):
        assert after.rank(other)[0][0] == before.rank(other)[0][0]


def test_the_same_rows_make_the_same_file(tmp_path: Path) -> None:
    for name in ("one.gz", "two.gz"):
        write_table(learn(TOLD, NOTHING, LISTED), tmp_path / name)
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()


def test_names_numbers_and_accounts_leave_no_trace() -> None:
    rows = [
        (
            f"{text} di rumah Pak Zulfandri, lapor @kakzulf jl Cempakawangi 17 Kalidewata [NAMA] 0812345",
            "hama",
        )
        for text in _texts("Banyak bekicot")
    ]
    table = learn(rows + TOLD, NOTHING, (), place_parts(["Kali Dewata", "Kalidewata"]))
    words = {word for sign in table.weights if not kind_of(sign) for word in sign.split()}
    assert "bekicot" in words
    assert words.isdisjoint({"zulfandri", "cempakawangi", "kalidewata", "kakzulf", "telp", "nama"})
    assert not [word for word in words if not word.isalpha()]
    first_words_and_pieces = {sign[1:] for sign in table.weights if kind_of(sign)}
    assert "bekic" in first_words_and_pieces
    assert first_words_and_pieces.isdisjoint(
        {"^zulf", "zulfa", "andri", "^cemp", "wangi", "dewat", "zulfandri"}
    )


def test_a_word_must_stand_in_five_different_texts() -> None:
    copied = [(f"parabola tetangga menutup pandangan rumah saya {mark}", "hama") for mark in "abcdefgh"]
    table = learn(copied + TOLD, NOTHING, ())
    assert "parabola" not in table.weights
    assert "bekicot" in table.weights


def test_ordinary_words_written_with_capitals_throughout_are_no_names() -> None:
    shouted = [
        "TOLONG SAMPAH NUMPUK",
        "Tolong Sampah Numpuk Sekali",
        "tolong sampah numpuk, lapor Pak Darmaji",
    ]
    names = name_words(shouted * 3)
    assert "darmaji" in names
    assert names.isdisjoint({"tolong", "sampah", "numpuk"})


def test_near_copies_share_a_group_and_a_fold() -> None:
    texts = [
        "lampu jalan di depan balai warga padam sejak hari minggu",
        "Lampu jalan di dpn balai warga padam sejak hari minggu!!",
        "saluran di belakang pasar ikan tersumbat sampah plastik",
    ]
    assert len(set(groups(texts))) == 2
    assert groups(texts)[0] == groups(texts)[1]
    assert folds_of(texts)[0] == folds_of(texts)[1] != folds_of(texts)[2]


def test_the_script_trains_and_measures_from_a_csv_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tmp_path / "rows.csv"
    known = [(text, "pohon_taman" if code == "hama" else "lainnya") for text, code in TOLD]
    lines = [f'"{text}",{code},desa' for text, code in known]
    rows.write_text("\n".join(["text,category,source", *lines, ""]), encoding="utf-8")
    main([str(rows), str(tmp_path / "out.gz")])
    assert "bekicot" in read_table(tmp_path / "out.gz").weights
    main([str(rows), "--evaluate"])
    figures = capsys.readouterr().out.split("desa", 1)[1].split()
    assert figures[0] == str(len(known))
    assert float(figures[1]) > 0.9


def test_an_empty_table_is_no_table() -> None:
    ranker = WordRanker(Table((), (), {}, {}, {}), Topics(()), set())
    assert ranker.rank("lampu padam") == ()
