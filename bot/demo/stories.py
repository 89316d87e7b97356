"""What the invented citizens write, and what the offices answer. Every sentence here is made up."""

import random
from dataclasses import dataclass

from bot.cities.city import City

LANGUAGES = ("id",) * 13 + ("jv",) * 3 + ("su",) * 2 + ("en",) * 2


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of trouble: sentences by language, what the office answers and asks, what its photo shows."""

    told: dict[str, tuple[str, ...]]
    answer: str
    question: str
    picture: str = ""


_T = Topic
TOPICS: tuple[Topic, ...] = (
    _T(
        {
            "id": (
                "Jalan berlubang besar, tadi pagi tetangga saya jatuh dari motor",
                "Aspal jalan mengelupas sepanjang sepuluh meter, licin kalau hujan",
                "Lubang di jalan makin dalam, mobil harus ambil jalur lawan",
            ),
            "jv": ("Dalan ngarep omah bolong gedhe, wingi ana sing tiba",),
            "su": ("Jalan ruksak parah, loba lubang jeung motor sering labuh",),
            "en": ("There is a deep pothole in the road, motorbikes swerve around it all day",),
        },
        "Lubang sudah ditambal dengan aspal dingin dan dipadatkan. Perbaikan tetap masuk jadwal bulan depan.",
        "Apakah lubangnya di lajur kiri atau kanan, dan dekat bangunan apa?",
        "pothole",
    ),
    _T(
        {
            "id": (
                "Selokan mampet, air meluap ke jalan setiap hujan",
                "Saluran air penuh lumpur dan bau, sudah lama tidak dikeruk",
            ),
            "jv": ("Kalene mampet, nek udan banjir nganti mlebu omah",),
            "su": ("Solokan mampet, cai ngaleyah ka jalan unggal hujan",),
            "en": ("The drain is blocked and water floods the street after every rain",),
        },
        "Sedimen saluran sudah dikeruk sepanjang 40 meter dan sampahnya diangkut.",
        "Seberapa tinggi airnya saat hujan deras?",
        "flood",
    ),
    _T(
        {
            "id": (
                "Lampu jalan mati tiga titik berurutan, gelap sekali setelah magrib",
                "PJU padam sejak Senin, anak-anak takut pulang mengaji",
                "Lampu penerangan jalan kedip-kedip lalu mati tiap jam delapan malam",
            ),
            "jv": ("Lampu dalan mati wis seminggu, peteng ndhedhet",),
            "su": ("Lampu jalan pareum tos saminggu, poek pisan",),
            "en": ("Three street lights have been off for a week, it is very dark here",),
        },
        "Lampu sudah menyala kembali. Kabel yang putus dan dua lampu sudah diganti.",
        "Ada nomor di tiangnya? Kalau ada, tolong tuliskan.",
        "lamp",
    ),
    _T(
        {
            "id": (
                "Sampah menumpuk di pinggir jalan, tidak diangkut lima hari",
                "TPS meluber sampai ke jalan dan baunya masuk rumah",
            ),
            "jv": ("Sampah numpuk ora dijupuk wis limang dina, ambune ora enak",),
            "su": ("Sampah numpuk teu diangkut tos lima dinten, bau pisan",),
            "en": ("Garbage has not been collected for five days and it smells",),
        },
        "Sampah sudah diangkut pagi ini. Jadwal truk kami tambah menjadi tiga kali seminggu.",
        "Hari apa truk biasanya datang?",
        "rubbish",
    ),
    _T(
        {
            "id": ("Pohon besar miring ke arah jalan, akarnya terangkat", "Dahan pohon menutupi lampu merah"),
            "jv": ("Wit gedhe meh ambruk ing pinggir dalan",),
            "su": ("Tangkal ageung condong ka jalan, bisi rubuh",),
            "en": ("A big tree is leaning over the road and may fall",),
        },
        "Pohon sudah dipangkas dan ditopang. Kami periksa lagi sebelum musim angin.",
        "Apakah ada kabel listrik di dekat pohon itu?",
        "tree",
    ),
    _T(
        {
            "id": ("Air PDAM mati sejak kemarin pagi", "Air PDAM keruh kecokelatan dan berbau"),
            "jv": ("Banyu PDAM mati wiwit wingi esuk",),
            "su": ("Cai PDAM pareum ti kamari enjing",),
            "en": ("The tap water from PDAM is brown and smells",),
        },
        "Pipa bocor sudah diperbaiki, aliran normal sejak sore. Terima kasih sudah menunggu.",
        "Apakah tetangga satu gang juga mengalaminya?",
    ),
    _T(
        {
            "id": (
                "KTP saya sudah dua bulan belum jadi di kecamatan",
                "Akta kelahiran anak saya salah tulis nama dan sulit diperbaiki",
            ),
            "en": ("My ID card (KTP) application has been waiting for two months",),
        },
        "KTP sudah dicetak dan dapat diambil di loket kecamatan, pukul 08.00 sampai 15.00.",
        "Kapan perekaman dilakukan, dan di loket mana?",
    ),
    _T(
        {
            "id": ("Bansos untuk ibu saya tidak turun padahal terdaftar", "Data PKH tetangga saya terhapus"),
            "jv": ("Bansos kangge simbah kula dereng medal sampun telung wulan",),
        },
        "Data sudah kami perbaiki; bantuan cair pada penyaluran berikutnya.",
        "Pada bulan apa bantuan terakhir diterima?",
    ),
    _T(
        {
            "id": (
                "Antrean puskesmas lama sekali, dokter baru datang jam sepuluh",
                "Obat di puskesmas habis",
            ),
            "su": ("Antrian puskesmas lami pisan, ubar ge seep",),
            "en": ("The queue at the puskesmas takes four hours and medicine runs out",),
        },
        "Kami tambah satu dokter pada hari Senin dan Selasa. Nomor antrean dibuka pukul 06.30.",
        "Di poli mana, dan hari apa kejadiannya?",
    ),
    _T(
        {
            "id": (
                "Parkir liar di trotoar menutup jalan pejalan kaki",
                "Juru parkir menarik dua kali lipat karcis",
            ),
            "en": ("Cars park on the sidewalk so wheelchairs cannot pass",),
        },
        "Kendaraan sudah ditertibkan dan rambu dipasang. Petugas berjaga pada jam ramai.",
        "Biasanya jam berapa paling ramai?",
        "parking",
    ),
    _T(
        {
            "id": ("Karaoke sebelah rumah bising sampai jam dua malam", "Pedagang berjualan di badan jalan"),
            "jv": ("Karaoke sandhing omah rame nganti bengi, ora isa turu",),
        },
        "Pemilik sudah ditegur tertulis. Bila terulang, izinnya kami tinjau.",
        "Pada hari apa saja suara itu terdengar?",
    ),
    _T(
        {
            "id": (
                "Atap kelas SD bocor, siswa belajar sambil memegang ember",
                "Guru sekolah dasar anak saya sering tidak masuk kelas",
            ),
        },
        "Atap kelas sudah diperbaiki sementara; perbaikan tetap kami usulkan tahun depan.",
        "Kelas berapa dan ruang yang mana?",
    ),
    _T(
        {
            "id": (
                "Usul dibuatkan taman bermain anak di lahan kosong",
                "Saran: tambah tempat duduk di halte bus",
            ),
            "jv": ("Usul supaya digawekake taman kanggo dolanan bocah",),
            "en": ("I suggest more benches and shade at the bus stop",),
        },
        "Terima kasih atas usul Anda. Usul sudah kami catat untuk pembahasan anggaran berikutnya.",
        "Kira-kira berapa luas lahannya?",
    ),
)
SECRET = (
    "Petugas loket minta uang pelicin dua ratus ribu supaya berkas cepat selesai",
    "Ada pungli saat mengurus surat pindah, diminta bayar tanpa kuitansi",
    "Oknum pegawai memotong uang bantuan warga lima puluh ribu per orang",
)
DANGERS = (
    "Tolong, ada kebakaran di rumah warga, api membesar",
    "Pohon tumbang menimpa rumah, ada orang terjebak di dalam",
    "Banjir tinggi, ada lansia terjebak di lantai satu",
)
DETAILS = (
    "",
    ", sudah tiga hari",
    ", sejak minggu lalu",
    ", mohon dicek",
    ", warga resah",
    ", bahaya untuk anak",
)
REPLIES = (
    "dekat tiang listrik sebelah kiri warung",
    "di depan musala, lajur kiri",
    "pas tikungan sebelum gapura RW",
    "ya, seberang toko kelontong",
)
OBJECTIONS = (
    "belum, kemarin hujan dan rusak lagi",
    "belum, petugas hanya datang memotret",
    "belum, masih sama seperti dulu",
)
REFUSALS = ("Lokasi berada di tanah milik perorangan.", "Laporan tidak memuat hal yang dapat diperiksa.")
RETURNS = ("Ruas ini jalan provinsi, bukan wewenang kami.", "Aset ini dikelola instansi lain.")
NAMES = (
    "Sri Wahyuni;Agus Prasetyo;Dewi Lestari;Bambang Sutrisno;Siti Aminah;Joko Susilo;Rina Marlina;"
    "Nur Hasanah;Budi Cahyono;Yuli Astuti;Dedi Kurniawan;Ani Suryani;Eko Purnomo;Wati Handayani;Ujang Sopian"
).split(";")


def written(
    city: City, dice: random.Random, n: int, language: str, *, streets: bool = False
) -> tuple[Topic, str]:
    """A topic and what somebody writes about it, with its place; the n-th of the month.

    Args:
        city: whose places are named.
        dice: decides which sentence.
        n: which report of the month it is.
        language: a key of what is told of a topic.
        streets: only of what several offices may have to do with.
    """
    fitting = [topic for topic in TOPICS if language in topic.told and (topic.picture or not streets)]
    topic = fitting[n % len(fitting)]
    told = dice.choice(topic.told[language])
    detail = dice.choice(DETAILS) if language == "id" and topic.picture else ""
    return topic, f"{told}{detail}, {somewhere(city, dice)}"


def somewhere(city: City, dice: random.Random) -> str:
    """A kelurahan of the city, with a neighbourhood in it."""
    place = dice.choice([one for one in city.places.values() if one.level == "kelurahan"])
    return f"RT {dice.randint(1, 9)} RW {dice.randint(1, 12)} Kelurahan {place.name}"
