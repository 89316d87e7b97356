"use strict";
// Three phones, one class. Citizens' words only ever become text nodes, never markup.

const EVERY_MS = 1000;
const STATES = {
  waiting: ["◷", "menunggu"],
  held: ["⏸", "ditahan"],
  sending: ["◷", "sedang dikirim"],
  sent: ["✓", "terkirim"],
  delivered: ["✓✓", "sampai"],
  read: ["✓✓", "dibaca"],
  failed: ["✗", "gagal"],
  unknown: ["?", "belum pasti"],
  cancelled: ["⊘", "dibatalkan"],
};
const BECAME = {
  taken: "",
  repeat: "Pesan yang sama dikenali: tetap satu pesan.",
  failed: "Pesan disimpan, tetapi belum dapat diolah.",
};
const GSM7 = new Set(document.body.dataset.gsm7);
const DOUBLE = new Set(document.body.dataset.gsm7Double);

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function pin() {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawn.append(document.createElementNS("http://www.w3.org/2000/svg", "use"));
  drawn.firstChild.setAttribute("href", "#pin");
  return drawn;
}

/** What a handset shows while one types: GSM-7 with 160 or 153 septets a part, else 70 or 67 characters. */
function measure(text) {
  const letters = [...text];
  const plain = letters.every((letter) => GSM7.has(letter));
  const cost = (letter) => (plain ? (DOUBLE.has(letter) ? 2 : 1) : letter.length);
  const used = letters.reduce((sum, letter) => sum + cost(letter), 0);
  const [one, many] = plain ? [160, 153] : [70, 67];
  if (used <= one) return { characters: letters.length, used, plain, parts: used ? 1 : 0, room: one - used };
  let parts = 1, filled = 0;
  for (const letter of letters) {
    if (filled + cost(letter) > many) [parts, filled] = [parts + 1, 0]; // no letter is torn
    filled += cost(letter);
  }
  return { characters: letters.length, used, plain, parts, room: many - filled };
}

class Phone {
  constructor(section) {
    this.section = section;
    this.name = section.dataset.phone;
    this.log = section.querySelector(".log");
    this.empty = this.log.firstElementChild;
    this.form = section.querySelector("form");
    this.text = this.form.elements.text;
    this.photo = this.form.elements.photo;
    this.place = section.querySelector(".place");
    this.chip = section.querySelector(".chip");
    this.note = section.querySelector(".note");
    this.editing = "";
    this.listen();
    this.begin();
  }

  listen() {
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.text.addEventListener("input", () => this.count());
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.submit(); }
      if (event.key === "Escape") this.drop();
    });
    this.place?.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.place.open = false;
      if (event.key === "Enter" && event.target.matches("input")) { event.preventDefault(); this.place.querySelector("[data-free]").click(); }
    });
    this.photo?.addEventListener("change", () => this.showChip());
    this.section.addEventListener("click", (event) => this.press(event.target.closest("button")));
  }

  press(button) {
    const data = button?.dataset ?? {};
    if ("new" in data) this.renew();
    else if ("resend" in data) this.resend();
    else if ("drop" in data) this.drop();
    else if ("key" in data) this.type(data.key);
    else if ("choice" in data) this.post("send", { kind: "choice", choice: data.choice, text: button.textContent });
    else if ("edit" in data) this.edit(button.closest(".bubble"));
    else if ("ask" in data) this.place.open = true;
    else if ("latitude" in data) this.locate(data.latitude, data.longitude);
    else if ("free" in data) this.locate(this.form.elements.latitude.value, this.form.elements.longitude.value);
  }

  // who holds the phone

  begin() {
    this.address = localStorage.getItem(this.key("address"));
    this.last = localStorage.getItem(this.key("last")) ?? "";
    this.newest = 0;
    this.labels = new Map();
    this.log.replaceChildren(this.empty);
    this.count();
  }

  key(what) { return `simulator/${this.name}/${what}`; }

  async renew() {
    const answer = await this.ask("new", new FormData());
    if (!answer) return;
    localStorage.setItem(this.key("address"), answer.address);
    localStorage.removeItem(this.key("last"));
    this.begin();
    this.note.textContent = "Ponsel ini sekarang dipegang orang baru.";
  }

  // what goes out

  /** Resolves to whether it was sent. */
  async submit() {
    const text = this.text.value;
    const kind = this.editing ? "edit" : this.photo?.files.length ? "photo" : "text";
    if (kind === "text" && !text.trim()) return false;
    const photo = kind === "photo" ? this.photo.files[0] : "";
    if (!await this.post("send", { kind, text, reference: this.editing, photo })) return false;
    this.text.value = "";
    this.drop();
    return true;
  }

  locate(latitude, longitude) {
    this.place.open = false;
    this.post("send", { kind: "location", latitude, longitude });
  }

  async resend() {
    const typed = this.text.value.trim() || this.photo?.files.length;
    if (typed && !await this.submit()) return;
    if (this.last) await this.post("resend", { provider_id: this.last });
    else this.note.textContent = "Kirim dahulu satu pesan.";
  }

  async post(route, fields) {
    if (!this.address) await this.renew();
    if (!this.address) return false;
    const form = new FormData();
    form.set("address", this.address);
    for (const [name, value] of Object.entries(fields)) if (value) form.set(name, value);
    const answer = await this.ask(route, form);
    if (!answer) return false;
    this.last = answer.provider_id;
    localStorage.setItem(this.key("last"), this.last);
    this.note.textContent = BECAME[answer.became];
    this.poll();
    return true;
  }

  async ask(route, body) {
    try {
      const response = await fetch(`${this.name}/${route}`, { method: "POST", body });
      const answer = await response.json();
      if (response.ok) return answer;
      this.note.textContent = answer.error;
    } catch {
      this.note.textContent = "Server tidak menjawab.";
    }
    return null;
  }

  type(key) {
    this.text.setRangeText(key, this.text.selectionStart, this.text.selectionEnd, "end");
    this.text.focus();
    this.count();
  }

  edit(bubble) {
    this.editing = bubble.dataset.reference;
    this.text.value = bubble.querySelector(".words").textContent;
    this.text.focus();
    this.showChip();
  }

  drop() {
    this.editing = "";
    if (this.photo) this.photo.value = "";
    this.showChip();
    this.count();
  }

  showChip() {
    const file = this.photo?.files[0];
    this.chip.hidden = !file && !this.editing;
    this.chip.firstElementChild.textContent = this.editing ? "Mengubah pesan" : file ? `Foto: ${file.name}` : "";
  }

  count() {
    this.text.style.height = "";
    if (this.name !== "sms") return void (this.text.style.height = `${Math.min(this.text.scrollHeight, 120)}px`);
    const { characters, used, plain, parts, room } = measure(this.text.value);
    const unit = plain ? `${used} septet` : `${used} karakter UCS-2`;
    this.form.elements.count.value = `${characters} karakter · ${unit} · sisa ${room} · ${parts} SMS`;
  }

  // what comes in

  async poll() {
    if (!this.address) return;
    const address = this.address, after = this.newest;
    try {
      const query = new URLSearchParams({ address, after });
      const response = await fetch(`${this.name}/messages.json?${query}`);
      if (!response.ok) throw new Error();
      const found = await response.json();
      this.section.classList.remove("away");
      if (address === this.address && after === this.newest) this.show(found);
    } catch {
      this.section.classList.add("away");
    }
  }

  show({ messages, states }) {
    for (const [id, [state, error]] of Object.entries(states)) this.tick(this.log.querySelector(`[data-id="${id}"]`), state, error);
    for (const message of messages) this.add(message);
    if (messages.length) this.log.scrollTop = this.log.scrollHeight;
  }

  add(message) {
    this.newest = message.id;
    this.empty.remove();
    const old = message.kind === "edit" && this.log.querySelector(`[data-reference="${CSS.escape(message.reference)}"]`);
    if (old) {
      old.querySelector(".words").textContent = message.text;
      old.querySelector(".state").textContent = "diubah";
    } else if (message.kind === "choice" && this.name === "telegram") {
      const label = this.labels.get(message.text.slice(1, -1)) ?? message.text;
      this.log.append(element("p", "pressed", `Anda menekan “${label}”`));
    } else this.log.append(this.bubble(message));
  }

  bubble(message) {
    const bubble = element("article", `bubble ${message.direction === "in" ? "mine" : "theirs"}`);
    bubble.dataset.id = message.id;
    if (message.direction === "in" && message.reference) bubble.dataset.reference = message.reference;
    bubble.append(element("span", "hidden", message.direction === "in" ? "Warga:" : message.author === "staff" ? "Petugas:" : "Kentongan:"));
    for (const reference of message.photos) bubble.append(this.picture(reference));
    bubble.append(this.words(message), this.meta(message));
    if (message.direction === "out") this.tick(bubble, message.state, message.error);
    if (message.options.length || message.asks_location) bubble.append(this.buttons(message));
    return bubble;
  }

  words(message) {
    if (message.kind === "photo" && message.text === "[foto]") return element("p", "words");
    const words = element("p", "words", message.text.replace(/^\[lokasi (.*)\]$/, "$1"));
    if (message.kind === "location") words.prepend(pin());
    return words;
  }

  picture(reference) {
    const image = element("img");
    image.src = `${this.name}/photo/${encodeURIComponent(reference)}`;
    image.alt = "Foto yang dikirim warga";
    image.addEventListener("load", () => { this.log.scrollTop = this.log.scrollHeight; });
    return image;
  }

  meta(message) {
    const meta = element("p", "meta");
    if (message.sms) meta.append(element("span", "size", `${message.sms.parts} SMS · ${message.sms.septets} septet · ${message.sms.characters} karakter`));
    if (this.name === "telegram" && message.direction === "in" && ["text", "photo"].includes(message.kind)) {
      const edit = element("button", "change", "Ubah");
      edit.type = "button";
      edit.dataset.edit = "";
      meta.append(edit);
    }
    meta.append(element("time", "", message.time), element("span", "state"));
    return meta;
  }

  tick(bubble, state, error) {
    const shown = bubble?.querySelector(".state");
    if (!shown || shown.dataset.state === state) return;
    const [sign, word] = STATES[state] ?? ["", state];
    shown.dataset.state = state;
    shown.textContent = `${sign} ${word}`;
    shown.title = error;
  }

  buttons(message) {
    const row = element("div", "options");
    for (const { id, label } of message.options) {
      this.labels.set(id, label);
      const button = element("button", "", label);
      button.type = "button";
      button.dataset.choice = id;
      row.append(button);
    }
    if (message.asks_location) {
      const button = element("button", "", "Kirim lokasi saya");
      button.prepend(pin());
      button.type = "button";
      button.dataset.ask = "";
      row.append(button);
    }
    return row;
  }
}

async function keepPolling(phones) {
  for (;;) {
    if (!document.hidden) await Promise.all(phones.map((phone) => phone.poll()));
    await new Promise((resume) => setTimeout(resume, EVERY_MS));
  }
}

keepPolling([...document.querySelectorAll(".phone")].map((section) => new Phone(section)));
