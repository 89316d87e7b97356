// Comfort only: every form works without this file.

// Show the fields that the chosen status needs.
for (const form of document.querySelectorAll("form[data-needs]")) {
  const needs = JSON.parse(form.dataset.needs);
  const status = form.elements.status;
  const show = () => {
    const wanted = needs[status.value] || [];
    for (const field of form.querySelectorAll("[data-for]")) {
      field.hidden = !wanted.includes(field.dataset.for);
    }
    form.elements.note.required = wanted.includes("note");
  };
  status.addEventListener("change", show);
  show();
}

// Count letters, and the SMS that they become together with what stands around them (name, question, number):
// one of 160 septets, or several that begin with "(1/3) " and end between words, as handlers/gsm7.py cuts them.
const GSM = /^[\n\r !"#$%&'()*+,\-./0-9:;<=>?@A-Z_a-z¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ^{}\\[\]~|€]*$/;
const room = (text) => GSM.test(text) ? text.length + (text.match(/[\^{}\\[\]~|€]/g) || []).length : Math.ceil(text.length * 16 / 7);
const plain = (text) => {
  const typed = text.replace(/[‘’]/g, "'").replace(/[“”]/g, '"').replace(/[–—]/g, "-").replace(/…/g, "...");
  const bare = typed.replace(/[\p{Extended_Pictographic}\u{FE0F}\u{200D}]/gu, "").replace(/ +(?=[ \n]|$)/g, "");
  return GSM.test(bare) ? bare : typed;
};
const parts = (text) => {
  if (room(text) <= 160) return 1;
  let count = 1, body = "";
  for (const [, gap, word] of text.matchAll(/(\s*)(\S+)/g)) {
    const longer = body ? body + gap + word : word;
    if (room("(9/9) " + longer) <= 160) { body = longer; } else { count += 1; body = word; }
  }
  return count;
};
for (const area of document.querySelectorAll("textarea[data-count]")) {
  const place = document.getElementById(area.dataset.count);
  const count = () => {
    const words = area.value.length ? place.dataset.said.replace("#", area.value.length) : "";
    const whole = area.dataset.around && plain(area.dataset.around.replace("@@@", () => area.value.trim()));
    place.textContent = words && whole ? `${words}, ${parts(whole)} SMS` : words;
  };
  area.addEventListener("input", count);
  count();
}

// One click sends once.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", () => {
    window.setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }), 0);
  });
}
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[method=post] button").forEach((button) => { button.disabled = false; });
});
