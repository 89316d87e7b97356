// Single keys for staff who work without a mouse. Never while typing; switched off in the sheet that "?" opens.
const sheet = document.getElementById("keys");
const KEEP = "kentongan-keys", LIST = "kentongan-list";
const kept = (store, key) => { try { return store.getItem(key); } catch { return null; } };
const keep = (store, key, value) => { try { store.setItem(key, value); } catch { /* without a memory */ } };

if (sheet) {
  const on = document.getElementById("keys-on");
  on.checked = kept(localStorage, KEEP) !== "off";
  on.addEventListener("change", () => keep(localStorage, KEEP, on.checked ? "on" : "off"));
  document.getElementById("open-keys")?.addEventListener("click", () => sheet.showModal());
  const rows = [...document.querySelectorAll(".tickets .stretched")];
  if (rows.length) keep(sessionStorage, LIST, JSON.stringify({ from: location.href, rows: rows.map((row) => row.pathname) }));

  const list = () => JSON.parse(kept(sessionStorage, LIST) || '{"rows": []}');
  const step = (by) => {
    if (rows.length) {
      const now = rows.indexOf(document.activeElement);
      rows[Math.min(rows.length - 1, Math.max(0, now < 0 ? 0 : now + by))].focus();
      return;
    }
    const all = list().rows, now = all.indexOf(location.pathname);
    if (now >= 0 && all[now + by]) location.assign(all[now + by]);
  };
  // Open what a field is folded into, then go there.
  const to = (id) => {
    const field = document.getElementById(id);
    for (let one = field; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
    field?.focus();
  };
  const search = () => { if (document.getElementById("q")) to("q"); else location.assign(list().from || "/panel/"); };
  const DO = {
    j: () => step(1), k: () => step(-1), r: () => to("answer"), n: () => to("note"), f: () => to("office"),
    u: () => location.assign(list().from || "/panel/"), "/": search, "?": () => sheet.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
    if (typing && event.key === "Escape") { event.target.blur(); return; }
    if (typing || sheet.open || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!DO[event.key] || (!on.checked && event.key !== "?")) return;
    event.preventDefault();
    DO[event.key]();
  });
}
