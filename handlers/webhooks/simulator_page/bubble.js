// Citizens' words only ever become text nodes, never markup.
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

export function element(tag, className, text) {
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

/** A message as this phone shows it. */
export function bubble(phone, message) {
  const mine = message.direction === "in";
  const made = element("article", `bubble ${mine ? "mine" : "theirs"}`);
  made.dataset.id = message.id;
  if (mine && message.reference) made.dataset.reference = message.reference;
  made.append(element("span", "hidden", mine ? "Warga:" : message.author === "staff" ? "Petugas:" : "Kentongan:"));
  const sent = mine ? message.photos : []; // under an officer's words the panel keeps what goes as messages of its own
  if (message.kind === "photo") for (const reference of sent) made.append(picture(`${phone}/photo/${encodeURIComponent(reference)}`, "Foto yang dikirim warga"));
  if (message.picture) made.append(picture(message.picture, "Foto dari petugas"));
  made.append(words(message), meta(phone, message));
  if (!mine) tick(made, message.state, message.error);
  if (message.options.length || message.asks_location) made.append(choices(phone, message));
  return made;
}

/** Show how an outgoing message stands. */
export function tick(made, state, error) {
  const shown = made?.querySelector(".state");
  if (!shown || shown.dataset.state === state) return;
  const [sign, word] = STATES[state] ?? ["", state];
  shown.dataset.state = state;
  shown.textContent = `${sign} ${word}`;
  shown.title = error;
}

function words(message) {
  if (message.kind === "photo" && message.text === "[foto]") return element("p", "words");
  const made = element("p", "words", message.text.replace(/^\[lokasi (.*)\]$/, "$1"));
  if (message.kind === "location") made.prepend(pin());
  return made;
}

function picture(source, alt) {
  const image = element("img");
  image.src = source;
  image.alt = alt;
  return image;
}

function meta(phone, { sms, direction, kind, time }) {
  const made = element("p", "meta");
  if (sms) made.append(element("span", "size", `${sms.parts} SMS · ${sms.septets} septet · ${sms.characters} karakter`));
  if (phone !== "sms" && direction === "out") made.append(button("Balas", "answer", "", "change"));
  if (phone === "telegram" && direction === "in" && kind === "text") made.append(button("Ubah", "edit", "", "change"));
  made.append(element("time", "", time), element("span", "state"));
  return made;
}

/** Buttons; WhatsApp shows more than three as a list that opens. */
function choices(phone, message) {
  const row = buttons(message);
  if (phone !== "whatsapp" || message.options.length < 4) return row;
  const list = element("details", "list");
  list.append(element("summary", "", "☰ Pilih / Choose"), row);
  row.addEventListener("click", () => { list.open = false; });
  return list;
}

function buttons(message) {
  const row = element("div", "options");
  for (const { id, label } of message.options) row.append(button(label, "choice", id));
  if (message.asks_location) {
    row.append(button("Kirim lokasi saya", "ask", ""));
    row.lastChild.prepend(pin());
  }
  return row;
}

function button(label, does, value, className = "") {
  const made = element("button", className, label);
  made.type = "button";
  made.dataset[does] = value;
  return made;
}
