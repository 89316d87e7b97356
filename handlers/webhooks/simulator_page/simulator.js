// Three phones on a page, one class.
import { bubble, element, tick } from "./bubble.js";
import { measure } from "./septets.js";

const EVERY_MS = 1000;
const BECAME = {
  taken: "",
  repeat: "Pesan yang sama dikenali: tetap satu pesan.",
  failed: "Pesan disimpan, tetapi belum dapat diolah.",
};

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
    this.editing = this.quoted = "";
    this.listen();
    this.begin();
  }

  listen() {
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.text.addEventListener("input", () => this.count());
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.submit();
      }
      if (event.key === "Escape") this.drop();
    });
    this.place?.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.place.open = false;
      if (event.key !== "Enter" || !event.target.matches("input")) return;
      event.preventDefault();
      this.place.querySelector("[data-free]").click();
    });
    this.log.addEventListener("load", () => this.toEnd(), true); // a picture has its height only now
    this.photo?.addEventListener("change", () => this.showChip());
    this.section.addEventListener("click", (event) => this.press(event.target.closest("button")));
  }

  press(button) {
    const data = button?.dataset ?? {};
    if ("new" in data) this.renew();
    else if ("resend" in data) this.resend();
    else if ("drop" in data) this.drop();
    else if ("key" in data) this.type(data.key);
    else if ("choice" in data) this.choose(button);
    else if ("edit" in data) this.edit(button.closest(".bubble"));
    else if ("answer" in data) this.answer(button.closest(".bubble"));
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
    if (this.busy || (kind === "text" && !text.trim())) return false;
    const photo = kind === "photo" ? this.photo.files[0] : "";
    this.busy = true; // a second Enter must not send twice
    const sent = await this.post("send", { kind, text, reference: this.editing, photo, quoted: this.quoted });
    this.busy = false;
    if (!sent) return false;
    this.text.value = "";
    this.drop();
    return true;
  }

  choose(button) {
    const quoted = button.closest(".bubble").dataset.id;
    this.post("send", { kind: "choice", choice: button.dataset.choice, text: button.textContent, quoted });
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

  answer(bubble) {
    this.drop();
    this.quoted = bubble.dataset.id;
    this.text.focus();
    this.showChip();
  }

  drop() {
    if (this.editing) this.text.value = "";
    this.editing = this.quoted = "";
    if (this.photo) this.photo.value = "";
    this.showChip();
    this.count();
  }

  showChip() {
    const file = this.photo?.files[0];
    this.chip.hidden = !file && !this.editing && !this.quoted;
    const doing = this.editing ? "Mengubah pesan" : this.quoted ? "Membalas satu pesan" : "";
    this.chip.firstElementChild.textContent = file ? `Berkas: ${file.name}` : doing;
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
    for (const [id, [state, error]] of Object.entries(states))
      tick(this.log.querySelector(`[data-id="${id}"]`), state, error);
    for (const message of messages) this.add(message);
    if (messages.length) this.toEnd();
  }

  toEnd() { this.log.scrollTop = this.log.scrollHeight; }

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
    } else this.log.append(bubble(this.name, message));
    for (const { id, label } of message.options) this.labels.set(id, label);
  }
}

async function keepPolling(phones) {
  for (;;) {
    if (!document.hidden) await Promise.all(phones.map((phone) => phone.poll()));
    await new Promise((resume) => setTimeout(resume, EVERY_MS));
  }
}

keepPolling([...document.querySelectorAll(".phone")].map((section) => new Phone(section)));
