// The browser's part of a passkey: asks the device, puts its answer into the form, sends it.
const form = document.getElementById("passkey");
const again = document.getElementById("passkey-again");
const trouble = document.getElementById("passkey-trouble");

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const words = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

const made = async (asked) => {
  const publicKey = { ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) } };
  publicKey.excludeCredentials = known(asked.excludeCredentials);
  const key = await navigator.credentials.create({ publicKey });
  return {
    id: key.id, rawId: words(key.rawId), type: key.type,
    response: {
      attestationObject: words(key.response.attestationObject),
      clientDataJSON: words(key.response.clientDataJSON),
      transports: key.response.getTransports?.() || [],
    },
  };
};

const signed = async (asked) => {
  const publicKey = { ...asked, challenge: bytes(asked.challenge), allowCredentials: known(asked.allowCredentials) };
  const key = await navigator.credentials.get({ publicKey });
  const { authenticatorData, clientDataJSON, signature, userHandle } = key.response;
  return {
    id: key.id, rawId: words(key.rawId), type: key.type,
    response: {
      authenticatorData: words(authenticatorData),
      clientDataJSON: words(clientDataJSON),
      signature: words(signature),
      userHandle: userHandle ? words(userHandle) : null,
    },
  };
};

const ask = async () => {
  trouble.hidden = true;
  try {
    const asked = JSON.parse(form.dataset.options);
    const answer = await (form.dataset.kind === "new" ? made(asked) : signed(asked));
    form.elements.credential.value = JSON.stringify(answer);
    form.requestSubmit();
  } catch {
    trouble.hidden = false;
    again.hidden = false;
  }
};

if (form) {
  again.addEventListener("click", ask);
  ask();
}
