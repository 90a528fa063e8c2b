// What the pages of the server share: the API key of the visitor, and the list of voices.

export const SECRET = "tts-key"; // in sessionStorage

export function authorization() {
  const key = sessionStorage.getItem(SECRET);
  // a header holds no other characters, and no key has them
  return key ? { Authorization: `Bearer ${key.replace(/[^\x20-\x7e]/g, "?")}` } : {};
}

// Fills a select element with what /v1/voices answers.
export function showVoices(list, { voices, default: usual }) {
  const options = voices.map(({ id, description }) => {
    return new Option(description ? `${id}: ${description}` : id, id);
  });
  if (!voices.some(({ id }) => id === usual)) options.unshift(new Option(usual, usual)); // a blend
  list.replaceChildren(...options);
  list.value = usual;
}
