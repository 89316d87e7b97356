const GSM7 = new Set(document.body.dataset.gsm7);
const DOUBLE = new Set(document.body.dataset.gsm7Double);

/** What a handset shows while one types: GSM-7 with 160 or 153 septets a part, else 70 or 67 characters. */
export function measure(text) {
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
