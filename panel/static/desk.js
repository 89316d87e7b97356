// An officer at work: templates by "::", who else is here, what waits to be sent. Every form works without it.
const answer = document.getElementById("answer");
const picker = document.getElementById("template");
const list = document.getElementById("suggest");

// Put words where the caret stands, in place of `length` letters before it; drafts and counts hear of it.
const put = (words, length = 0) => {
  const start = answer.selectionStart - length;
  const gap = start > 0 && !length && !/\s$/.test(answer.value.slice(0, start)) ? "\n" : "";
  answer.setRangeText(gap + words, start, answer.selectionEnd, "end");
  answer.dispatchEvent(new Event("input", { bubbles: true }));
  answer.focus();
};

if (answer && picker) {
  document.getElementById("insert").addEventListener("click", (event) => {
    event.preventDefault();
    const chosen = picker.selectedOptions[0];
    if (chosen.value) { put(chosen.dataset.text); picker.value = ""; } else { picker.focus(); }
  });
  const all = [...picker.options].filter((one) => one.value);
  let found = [], at = 0, typed = "";
  const close = () => { list.hidden = true; found = []; answer.removeAttribute("aria-activedescendant"); };
  const choose = (one) => { const length = typed.length; close(); put(one.dataset.text, length); };
  const mark = () => {
    [...list.children].forEach((row, n) => row.setAttribute("aria-selected", String(n === at)));
    answer.setAttribute("aria-activedescendant", `suggest-${at}`);
    list.children[at].scrollIntoView({ block: "nearest" });
  };
  const show = () => {
    typed = (/(?:^|\s)(::[\w-]*)$/.exec(answer.value.slice(0, answer.selectionStart)) || ["", ""])[1];
    const word = typed.slice(2).toLowerCase();
    const named = all.filter((one) => one.value.startsWith(word));
    const inside = word.length > 2 ? all.filter((one) => !named.includes(one) && one.dataset.text.toLowerCase().includes(word)) : [];
    found = typed ? [...named, ...inside] : [];
    if (!found.length) { close(); return; }
    at = 0;
    list.replaceChildren(...found.map((one, n) => {
      const row = document.createElement("li");
      Object.assign(row, { id: `suggest-${n}`, textContent: `${one.value}: ${one.dataset.text}` });
      row.setAttribute("role", "option");
      row.addEventListener("mousedown", (event) => { event.preventDefault(); choose(one); });
      return row;
    }));
    list.hidden = false;
    mark();
  };
  answer.setAttribute("aria-autocomplete", "list");
  answer.setAttribute("aria-controls", "suggest");
  answer.addEventListener("input", show);
  if (document.activeElement === answer) show();  // typed before this file came
  answer.addEventListener("blur", close);
  answer.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { at = (at + step + found.length) % found.length; mark(); }
    else if (event.key === "Enter" || event.key === "Tab") choose(found[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
}

// Who else has this report open: asked every 15 s while the tab is seen; mostly answered by "not modified".
const here = document.getElementById("here");
if (here) {
  let mark = "";
  const ask = async () => {
    if (document.hidden) return;
    try {
      const answered = await fetch(here.dataset.here, { headers: mark ? { "If-None-Match": mark } : {}, redirect: "error" });
      if (answered.status !== 200) return;
      mark = answered.headers.get("ETag") || "";
      here.innerHTML = await answered.text();
    } catch { /* the next one tells */ }
  };
  window.setInterval(ask, 15000);
  document.addEventListener("visibilitychange", ask);
}

// What waits to be sent counts down and goes.
for (const held of document.querySelectorAll(".held")) {
  const end = Date.now() + Number(held.dataset.seconds) * 1000;
  const tick = window.setInterval(() => {
    const left = Math.ceil((end - Date.now()) / 1000);
    held.querySelector(".left").textContent = String(Math.max(0, left));
    if (left <= 0) { window.clearInterval(tick); held.remove(); }
  }, 500);
}

// A link to something folded away opens it.
const unfold = () => {
  const wanted = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  for (let one = wanted; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
};
window.addEventListener("hashchange", unfold);
unfold();

// The step for all ticked rows shows the field that it needs, and how many are ticked.
const bulk = document.getElementById("bulk");
if (bulk) {
  const ticks = [...document.querySelectorAll("input[name=number]")];
  const every = document.getElementById("every");
  const show = () => {
    const count = ticks.filter((one) => one.checked).length;
    const told = document.getElementById("ticked");
    told.textContent = count ? told.dataset.said.replace("#", count) : "";
    for (const field of bulk.querySelectorAll("[data-for]")) field.hidden = field.dataset.for !== bulk.elements.action.value;
  };
  every.closest("[hidden]")?.removeAttribute("hidden");
  every.addEventListener("change", () => { ticks.forEach((one) => { one.checked = every.checked; }); show(); });
  ticks.forEach((one) => one.addEventListener("change", show));
  bulk.elements.action.addEventListener("change", show);
  show();
}
