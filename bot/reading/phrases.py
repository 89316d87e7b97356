"""What citizens write when they want something of the service itself: words, lines and cues per intent.

Indonesian, English, Javanese, Sundanese and chat spelling. Compared after `plain_words`, so one spelling of
a word is enough where spelling.CHAT knows the others.
"""

# What the rest of the program may see of the finer intents.
OUTSIDE = {
    "new_complaint": "new_complaint",
    "check_status": "check_status",
    "help": "help",
    "cancel": "cancel",
    "human": "human",
    "greeting": "greeting",
    "thanks": "thanks",
    "affirm": "affirm",
    "deny": "deny",
    "other": "other",
    "menu": "help",
    "repeat": "help",
    "language": "help",
    "stop": "cancel",
    "start": "greeting",
    "add": "check_status",
    "unfollow": "cancel",
    "follow": "check_status",
    "close": "check_status",
    "link": "other",
    "unlink": "other",
    "my_data": "other",
    "forget_me": "other",
}

# Whole lines. A line counts with nothing around it but the words of FILLERS.
LINES: dict[str, tuple[str, ...]] = {
    "greeting": tuple(
        """hai|hi|halo|hallo|helo|hello|hey|hei|hay|p|ping|permisi|punten|kulanuwun|kulo nuwun
sampurasun|rampes|salam
salam sejahtera|selamat pagi|selamat siang|selamat sore|selamat malam|pagi|siang|sore|malam|assalamualaikum
assalamualaikum wr wb|assalamualaikum warahmatullahi wabarakatuh|waalaikumsalam|shalom|om swastiastu
good morning|good afternoon|good evening|morning|sugeng rawuh|wilujeng sumping|apa kabar|piye kabare
kumaha damang|nuwun sewu|how are you|tes|test|testing|halo admin|min|admin|kak|pak|bu|gan|bro|mas|mbak
met pagi
""".replace("\n", "|").split("|")
    ),
    "thanks": tuple(
        """terima kasih|terimakasih|makasih|thanks|thank you|thank you very much|matur nuwun|matur suwun
nuhun pisan
hatur nuhun|tengkyu|mantap|mantab|sip mantap|trims|jazakallah|jazakumullah|alhamdulillah terima kasih
syukron
ty|much appreciated|terima kasih banyak|terima kasih atas bantuannya|terima kasih atas responnya
terima kasih infonya|good job
""".replace("\n", "|").split("|")
    ),
    "affirm": tuple(
        """ya|iya|ok|oke|okay|okey|okeh|okelah|sip|siap|betul|benar|setuju|boleh|bisa|lanjut|lanjutkan
kirim|kirimkan
kirim saja|jadi|mau|yes|yep|yeah|sure|right|correct|true|agree|iya benar|ya betul|betul sekali
benar sekali|oke siap
sudah benar|sudah betul|sudah sesuai|sesuai|cocok|pas|tentu|pasti|baik|baiklah|monggo|mangga|nggih leres
leres|sae
sampun leres|sudah|saestu|yektos|nderek|ndherek|sumangga|fine|alright|all right|done|exactly|sounds good
it is correct|kirim sekarang|proses saja|sudah ya|ya sudah betul|ya betul sudah|sudah leres|lajeng
lanjut saja|teruskan|teraskeun|terusna|of course|go ahead|send it|that is right|gas
gaskeun|yoi
""".replace("\n", "|").split("|")
    ),
    "deny": tuple(
        """tidak|bukan|jangan|salah|keliru|no|nope|nah|not|wrong|bukan itu|bukan yang itu|tidak benar
tidak betul
tidak setuju|tidak mau|tidak usah|tidak perlu|belum|jangan dulu|nanti|nanti saja|nanti dulu|salah itu
itu salah
ora kuwi|dudu kuwi|dudu|sanes eta|lain eta|lain kitu|ulah|aja|ojo|emoh|moh|alim|embung|gamau|gausah|not that
no thanks|not really|masih salah|kurang tepat|tidak sesuai|belum benar|mboten leres|teu leres
tidak cocok|ga usah|ogah|gakmau|gaperlu|ora iku|ora gelem|mboten kersa|wegah|tidak belum|can|teu acan leres
durung bener|teu hoyong|tong|entong|teu kedah|teu kudu|incorrect|not correct|that's wrong|no it is not|never
""".replace("\n", "|").split("|")
    ),
    "cancel": tuple(
        """tidak jadi|tidak jadi lapor|batal lapor|batalkan laporan|batalkan laporan saya|hapus laporan
hapus aduan
hapus laporan saya|cabut laporan|cabut aduan|tarik laporan|urung|urung lapor|ora sido|ora sido lapor
ora sida
mboten saestu|bolay|teu janten|teu jadi|teu janten lapor|batal saja|sudah batal|lupakan|lupakan saja
abaikan|abaikan saja
keluar|exit
quit|cancel my report|never mind|nevermind|forget it|stop dulu|gajadi|gakjadi|ga jadi|batal deh
delete my report
""".replace("\n", "|").split("|")
    ),
    "help": tuple(
        """bisa apa|bisa apa saja|bisa apa saja bot ini|ini apa|apa ini|ini layanan apa|layanan apa ini
cara lapor
cara melapor|cara pakai|cara menggunakan|cara mengadu|bagaimana cara lapor|bagaimana caranya|cara bagaimana
info layanan|informasi layanan|pandu saya|tidak mengerti|tidak paham|bingung|saya bingung|gak ngerti
ora ngerti
ora mudeng|teu ngartos|teu ngarti|what can you do|how does this work|how to report|how do i report
i need help
i don't understand|minta bantuan|minta tolong|help me|bantu saya|butuh bantuan|perlu bantuan
minta bantuan|tolong|tulung|daftar perintah|perintah
formatnya
format sms|format laporan|apa saja pilihannya|syarat lapor|aku bingung|bantuan dong|tolong bantu
tolong dibantu
""".replace("\n", "|").split("|")
    ),
    "human": tuple(
        """orang asli|manusia|bicara dengan manusia|hubungi admin|hubungi petugas|kontak admin
nomor admin|customer service
call center|call centre|layanan pelanggan|sambungkan ke petugas|mau tanya petugas|ini bot atau orang
jangan bot
bukan bot|real person|human please|talk to a person|panggil petugas|telepon petugas|live chat|live agent
""".replace("\n", "|").split("|")
    ),
    "check_status": tuple(
        """cek laporan|cek status|cek aduan|status laporan|status aduan|laporan saya|aduan saya
laporan saya bagaimana
sudah sampai mana|sampai mana|kapan selesai|kapan ditangani|kapan diproses|kapan ditindaklanjuti
sudah ditindaklanjuti
bagaimana kabar laporan saya|ada kabar|ada perkembangan|progres laporan|riwayat laporan|lihat laporan
my report
report status|any update|any progress|any news|update dong|laporan terakhir|sudah diproses belum
nomor laporan saya
""".replace("\n", "|").split("|")
    ),
    "new_complaint": tuple(
        """lapor|laporan|melapor|laporkan|aduan|pengaduan|mengadu|keluhan|mengeluh|komplain|complain
complaint|report
mau lapor|ingin lapor|mau mengadu|mau buat laporan|buat laporan|buat aduan|laporan baru|lapor baru
aduan baru
ada keluhan|ada laporan|new report|new complaint|file a complaint|make a report|i want to report|lapor dong
mau komplain|ingin menyampaikan keluhan|atur laporan|matur laporan|hoyong lapor|arep lapor|bade lapor|wadul
""".replace("\n", "|").split("|")
    ),
    "repeat": ("ulangi pertanyaan", "tolong ulangi", "apa tadi", "maksudnya apa", "say again", "sekali lagi"),
    "menu": (
        "menu utama",
        "kembali ke menu",
        "main menu",
        "pilihan menu",
        "kembali ke awal",
        "tampilkan menu",
    ),
    "language": (
        "ganti bahasa",
        "ubah bahasa",
        "pilih bahasa",
        "change language",
        "english please",
        "in english",
    ),
    "stop": (
        "berhenti langganan",
        "stop pesan",
        "jangan kirim lagi",
        "berhenti kirim pesan",
        "stop notifikasi",
    ),
}
# Words around a line that change nothing.
FILLERS = frozenset(
    """pak bapak bu ibu min admin kak kakak mas mbak bang gan bro sis kang teh teteh akang mang neng nya
deh dong sih
ya yah kok lho loh nih tuh aja saja banyak sekali semua semuanya atas pelayanan bantuan bantuannya
respon infonya
informasi tolong please sir miss mohon maaf permisi selamat pagi siang sore malam halo hai
assalamualaikum wr wb
warahmatullahi wabarakatuh the a an of to my saya kami aku oh ah eh waduh wah kan lah toh to tho ta yo
nggih atuh mah
da euy pisan sanget very much so lot there sudah cepat tanggap you kabeh mau ini itu kalau begitu baik terus
lalu""".split()
)

# Longer lines without a topic: an intent is meant when each group has a word in the line. First fit wins.
CUES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "cancel",
        (
            "batal batalkan dibatalkan batalin membatalkan cabut mencabut hapus urungkan wurung cancel"
            " withdraw",
        ),
    ),
    ("cancel", ("tidak jadi", "jadi", "lapor melapor laporan mengadu aduan report")),
    (
        "human",
        (
            "bukan jangan not no",
            "bot robot mesin machine",
            "orang manusia asli person human petugas admin bicara",
        ),
    ),
    (
        "human",
        (
            "bicara hubungi menghubungi sambungkan disambungkan chat kontak telepon menelepon ngomong"
            " ngobrol nyambung"
            " minta panggil speak talk contact call konsultasi tanya bertanya ketemu bertemu connect"
            " dibantu ngomongna",
            "petugas petugase admin operator cs orang manusia pegawai person human agent staff staf"
            " agen someone pejabat",
        ),
    ),
    ("language", ("ganti ubah pilih change switch ganteni gentos", "bahasa language basa")),
    (
        "help",
        ("cara how syarat langkah tutorial petunjuk panduan format", "lapor laporan melapor report mengadu"),
    ),
    (
        "check_status",
        (
            "laporan laporanku laporane laporankami aduan aduanku pengaduan keluhan keluhanku tiket"
            " report complaint ticket"
            " lapor melapor laporkan dilaporkan",
            "status sampai mana progres progress perkembangan kabar kabare ditindaklanjuti ditindak"
            " diproses proses selesai"
            " ditangani tanggapan ditanggapi respon direspon jawaban dijawab kapan kelanjutan lanjutan"
            " nasib hasil hasilnya cek"
            " mengecek lacak melacak track check update tindaklanjut tindak kemarin sudah belum"
            " bagaimana nomor where when processed handled resolved",
        ),
    ),
    (
        "check_status",
        ("sudah belum kapan kok", "ditindaklanjuti diproses ditangani ditanggapi dijawab direspon"),
    ),
    (
        "help",
        (
            "cara bagaimana how what apa kenapa pripun syarat langkah tutorial petunjuk panduan format",
            "lapor laporan melapor melaporkan pakai menggunakan gunakan mengadu aduan pengaduan use"
            " report work bot layanan"
            " aplikasi mengisi daftar file mulai complaint complain kerja fungsi piye bagaimana",
        ),
    ),
    ("help", ("bisa can", "apa what", "bot kamu layanan you saja sini ini")),
    (
        "new_complaint",
        (
            "lapor melapor melaporkan laporkan laporan mengadu adukan mengadukan aduan pengaduan"
            " keluhan mengeluh komplain"
            " complain complaint report reporting masalah problem wadul",
        ),
    ),
    ("thanks", ("terimakasih syukron jazakallah",)),
    ("human", ("petugas admin operator cs manusia human agent",)),
    ("human", ("bot robot", "jangan bukan orang")),
    ("human", ("sama dengan", "orang")),
    ("check_status", ("status progres progress perkembangan kelanjutan lacak tracking",)),
    ("help", ("bantu help bingung mengerti paham mudeng ngartos petunjuk panduan cara tutorial info",)),
    ("help", ("what how", "this do use work here")),
    ("help", ("ini", "apa", "nomor bot layanan aplikasi untuk sih")),
    ("help", ("tidak", "tahu")),
)
# A short line that begins with one of these says that, whatever follows: "salah alamat", "oke lanjutkan".
LEADING = {
    **dict.fromkeys(
        "ya ok oke okee okey sip siap betul benar baik lanjut lanjutkan setuju".split(), "affirm"
    ),
    **dict.fromkeys("bukan salah dudu not keliru nope".split(), "deny"),
}
# Words of a report whose topic no list knows.
PLEAS = frozenset(
    """mohon tolong harap mohonkan rusak parah bahaya berbahaya membahayakan meresahkan keluhan warga
perbaikan
diperbaiki ditindak ditindaklanjuti segera kenapa kecewa lambat buruk jelek terganggu mengganggu tidak
belum kapan
kasihan resah jalan kampung kelurahan kecamatan lurah camat wali walikota dinas pemerintah pemkot
pelayanan hilang
broken damaged dangerous please ambruk roboh bocor mati kotor bau sakit korban pungli diminta
dipersulit""".split()
)
# Words of advertisements and fraud.
SPAM = frozenset(
    """promo pulsa diskon hadiah undian pinjol slot gacor jackpot togel deposit bonus cashback pinjaman
kredit klik
followers endorse casino selamat_anda menang murah jual dijual invest crypto dana_kilat cair""".split()
)

QUESTION_WORDS = frozenset(
    "apakah bagaimana berapa kapan dimana mana syarat apa info informasi tanya menanyakan".split()
)
WISH_WORDS = frozenset(
    "usul usule usulane usulan mengusulkan saran sarane menyarankan masukan aspirasi sebaiknya saene alangkah"
    " semoga mugi mugia muga pamrayogi harapan ide gagasan suggest suggestion propose proposal idea".split()
)
# With a question mark alone these ask for something to be done: "tolong pohonnya dipangkas ya?"
REQUEST_WORDS = frozenset("tolong mohon harap minta please kenapa why punten tulung nyuwun".split())
TROUBLE_WORDS = frozenset(
    """rusak berlubang mati padam banjir mampet tersumbat bocor roboh tumbang menumpuk bau kotor macet
liar pungli lambat
tidak belum jelek parah hilang ambles ambrol jebol patah gelap keluhan lapor kecewa mengganggu terganggu
meresahkan
membahayakan dipersulit ditolak salah gagal error perbaikan""".split()
)
