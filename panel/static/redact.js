// Boxes on a photo: drawn by mouse or finger, moved by arrow keys, or typed. The fields are what is sent.
const stage = document.getElementById("stage");
const form = document.getElementById("redact");

if (stage && form) {
  const SVG = "http://www.w3.org/2000/svg";
  const NAMES = ["left", "top", "width", "height"];
  const most = Number(form.dataset.most);
  const list = document.getElementById("boxes");
  const more = document.getElementById("more");
  const told = document.getElementById("told");
  const pattern = list.querySelector(".box").cloneNode(true);
  const sheet = document.createElementNS(SVG, "svg");
  sheet.setAttribute("viewBox", "0 0 100 100");
  sheet.setAttribute("preserveAspectRatio", "none");
  stage.append(sheet);

  const rows = () => [...list.querySelectorAll(".box")];
  const field = (row, name) => row.querySelector(`[name=${name}]`);
  const read = (row) => NAMES.map((name) => Number(field(row, name).value.replace(",", ".")) || 0);
  const tidy = (value) => Math.round(Math.min(100, Math.max(0, value)) * 10) / 10;
  const shapes = new Map();

  const draw = (row) => {
    const shape = shapes.get(row);
    const [left, top, width, height] = read(row);
    Object.entries({ x: left, y: top, width, height }).forEach(([name, value]) => shape.setAttribute(name, String(value)));
    const shown = width > 0 && height > 0;
    shape.setAttribute("visibility", shown ? "visible" : "hidden");
    shape.setAttribute("tabindex", shown ? "0" : "-1");
  };
  const write = (row, values) => { NAMES.forEach((name, n) => { field(row, name).value = String(tidy(values[n])); }); draw(row); };
  const count = () => {
    rows().forEach((row, n) => {
      row.querySelector("legend").textContent = row.querySelector("legend").textContent.replace(/\d+/, String(n + 1));
      shapes.get(row).setAttribute("aria-label", row.querySelector("legend").textContent);
      row.querySelector(".drop").hidden = rows().length === 1;
    });
    more.hidden = rows().length >= most;
  };
  const drop = (row) => { shapes.get(row).remove(); shapes.delete(row); row.remove(); count(); more.focus(); };

  // Arrow keys move a box, with Shift they change its size.
  const press = (row, event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Delete" && rows().length > 1) { drop(row); event.preventDefault(); return; }
    if (!step) return;
    const [left, top, width, height] = read(row);
    const sized = [left, top, Math.max(1, Math.min(100 - left, width + step[0])), Math.max(1, Math.min(100 - top, height + step[1]))];
    const moved = [Math.min(100 - width, Math.max(0, left + step[0])), Math.min(100 - height, Math.max(0, top + step[1])), width, height];
    write(row, event.shiftKey ? sized : moved);
    told.textContent = NAMES.map((name) => field(row, name).value).join(", ");
    event.preventDefault();
  };
  const take = (row) => {
    const shape = document.createElementNS(SVG, "rect");
    shape.setAttribute("role", "img");
    shape.addEventListener("keydown", (event) => press(row, event));
    shapes.set(row, shape);
    sheet.append(shape);
    NAMES.forEach((name) => field(row, name).addEventListener("input", () => draw(row)));
    row.querySelector(".drop").addEventListener("click", () => drop(row));
    draw(row);
  };
  const add = () => {
    const row = pattern.cloneNode(true);
    NAMES.forEach((name) => { field(row, name).value = ""; });
    list.append(row);
    take(row);
    count();
    return row;
  };

  // A drag over the photo draws the box of the last row, or of a new one when that is filled.
  let drawn = null, from = null;
  const at = (event) => {
    const area = sheet.getBoundingClientRect();
    return [(event.clientX - area.left) / area.width * 100, (event.clientY - area.top) / area.height * 100].map(tidy);
  };
  const free = () => rows().find((row) => !read(row)[2] || !read(row)[3]) || (rows().length < most ? add() : null);
  sheet.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    drawn = free();
    if (!drawn) return;
    from = at(event);
    sheet.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  sheet.addEventListener("pointermove", (event) => {
    if (!drawn) return;
    const to = at(event);
    write(drawn, [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.abs(from[0] - to[0]), Math.abs(from[1] - to[1])]);
  });
  for (const end of ["pointerup", "pointercancel"]) sheet.addEventListener(end, () => { drawn = null; });

  rows().forEach(take);
  count();
  more.addEventListener("click", () => field(add(), "left").focus());
}
