// Words chosen on the page go into the list of words to be masked.
const take = document.getElementById("mask-take");
const masked = document.getElementById("mask-words");
if (take && masked) {
  let chosen = "";
  document.addEventListener("selectionchange", () => {
    const words = String(document.getSelection()).trim();
    if (words && document.activeElement !== masked) chosen = words;
  });
  take.hidden = false;
  take.addEventListener("click", () => {
    if (chosen) masked.value = [masked.value.trim(), chosen.replace(/\s+/g, " ")].filter(Boolean).join("\n");
    masked.focus();
  });
}
