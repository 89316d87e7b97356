// Maps, loaded when one comes into sight. What they show stands beside them as text; nothing needs them.
const maps = [...document.querySelectorAll("[data-map]")];
const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
let leaflet = null;

// Leaflet comes once, by an element of our own origin.
const library = (from) => {
  leaflet ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    Object.assign(script, { src: from, onload: () => done(window.L), onerror: failed });
    document.head.append(script);
  });
  return leaflet;
};

// Tiles when the city has chosen whose; else its own outlines, or the names of its kelurahan where they lie.
const ground = async (L, map, box) => {
  if (box.dataset.tiles) {
    const thanks = document.createElement("a");
    Object.assign(thanks, { href: "https://www.openstreetmap.org/copyright", target: "_blank", rel: "noopener noreferrer", textContent: box.dataset.thanks });
    // Tile servers want to know whose page asks; they get its origin, never its address.
    // Source: https://operations.osmfoundation.org/policies/tiles/ (technical usage requirements)
    L.tileLayer(box.dataset.tiles, { maxZoom: 19, attribution: thanks.outerHTML, referrerPolicy: "origin" }).addTo(map);
    return [];
  }
  const places = await (await fetch(box.dataset.places)).json();
  for (const { rings } of places.outlines) L.polygon(rings, { className: "village", interactive: false }).addTo(map);
  for (const [lat, lon, name] of places.centres) {
    L.circleMarker([lat, lon], { radius: 3, className: "village", interactive: false, keyboard: false }).addTo(map)
      .bindTooltip(name, { permanent: true, direction: "right", className: "map-village" });
  }
  const names = () => { map.getContainer().classList.toggle("far", map.getZoom() < 13); };
  map.on("zoomend", names);
  names();
  return places.outlines;
};

const begin = (L, box) => {
  const map = L.map(box, { zoomControl: false, scrollWheelZoom: false, fadeAnimation: !calm, zoomAnimation: !calm, markerZoomAnimation: !calm });
  L.control.zoom({ zoomInTitle: box.dataset.bigger, zoomOutTitle: box.dataset.smaller }).addTo(map);
  map.attributionControl.setPrefix("Leaflet");
  return map;
};

const point = async (L, box) => {
  const { lat, lon, exact, village, name } = box.dataset;
  const at = [Number(lat), Number(lon)];
  const map = begin(L, box).setView(at, exact && box.dataset.tiles ? 16 : 14);
  if (exact) L.marker(at, { alt: name, title: name }).addTo(map);
  const outlines = await ground(L, map, box);
  if (exact) return;
  const around = outlines.find((one) => one.code === village);
  const area = around ? L.polygon(around.rings, { className: "about" }) : L.circle(at, { radius: 700, className: "about" });
  map.fitBounds(area.addTo(map).getBounds().pad(.2));
};

// Reports at one place are one spot; what it holds opens beside it, as links.
const points = async (L, box) => {
  const found = new Map();
  for (const row of document.querySelectorAll("#points li")) {
    const key = `${row.dataset.lat},${row.dataset.lon}`;
    found.set(key, [...(found.get(key) || []), row]);
  }
  const map = begin(L, box);
  const all = [...found.keys()].map((key) => key.split(",").map(Number));
  map.fitBounds(L.latLngBounds(all).pad(.1), { maxZoom: 15 });
  await ground(L, map, box);
  for (const [key, rows] of found) {
    const late = rows.some((row) => row.dataset.late);
    const list = document.createElement("ul");
    list.append(...rows.map((row) => row.cloneNode(true)));
    L.circleMarker(key.split(",").map(Number), { radius: Math.min(18, 7 + rows.length), className: late ? "spot late" : "spot" })
      .addTo(map).bindPopup(list, { minWidth: 180 });
  }
};

const pick = async (L, box) => {
  const field = document.getElementById(box.dataset.field);
  const button = document.getElementById("pick-centre");
  const map = begin(L, box);
  const typed = () => field.value.split(/[,;\s]+/).map(Number);
  const known = () => { const at = typed(); return at.length === 2 && at.every((one) => Number.isFinite(one) && one !== 0) ? at : null; };
  const mark = L.marker([0, 0], { alt: field.labels[0].textContent.trim(), keyboard: false });
  const show = () => { const at = known(); if (at) { mark.setLatLng(at).addTo(map); map.panTo(at, { animate: !calm }); } else { mark.remove(); } };
  const choose = (at) => {
    field.value = `${at.lat.toFixed(5)}, ${at.lng.toFixed(5)}`;
    show();
  };
  map.on("click", (event) => choose(event.latlng));
  button.hidden = false;
  button.addEventListener("click", () => { choose(map.getCenter()); field.focus(); });
  field.addEventListener("change", show);
  const places = await (await fetch(box.dataset.places)).json();
  const middle = L.latLngBounds(places.centres.map(([lat, lon]) => [lat, lon]));
  if (known()) map.setView(known(), 15); else if (middle.isValid()) map.setView(middle.getCenter(), 12); else map.setView([-2.5, 118], 4);
  show();
  await ground(L, map, box);
};

const KINDS = { point, points, pick };
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    library(target.dataset.leaflet).then((L) => KINDS[target.dataset.map](L, target)).catch(() => { target.hidden = true; });
  }
});
for (const box of maps) { box.hidden = false; seen.observe(box); }
