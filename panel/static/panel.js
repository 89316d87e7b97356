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

// Count letters; on SMS say how many parts the typed text alone takes (GSM 03.38: 160 or 153 a part, else 70 or 67).
const GSM = /^[\n\r !"#$%&'()*+,\-./0-9:;<=>?@A-Z_a-z¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ^{}\\[\]~|€]*$/;
const parts = (text) => {
  const [one, many] = GSM.test(text) ? [160, 153] : [70, 67];
  return text.length <= one ? 1 : Math.ceil(text.length / many);
};
for (const area of document.querySelectorAll("textarea[data-count]")) {
  const place = document.getElementById(area.dataset.count);
  const count = () => {
    const words = area.value.length ? `${area.value.length} huruf` : "";
    place.textContent = words && area.dataset.channel === "sms" ? `${words}, ${parts(area.value)} SMS` : words;
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
