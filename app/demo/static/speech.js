// Asks the server for speech, and gives its messages as they arrive.

const PLAYER = new URL("..", import.meta.url);

// The address of a file of the player, or of a take: relative, as the page may lie below a path.
export const address = (name) => new URL(name, PLAYER).href;

// An error of the server, in a sentence, and the field of the page that it is about.
export class Refusal extends Error {
  constructor({ error, field }) {
    super(error);
    this.field = field ?? null;
  }
}

const LOST = { error: "The connection to the server was lost. Press Speak to try again." };

// The messages about a request. Pieces of sound are numbered; none may be missing or out of order.
export async function* speak(request, signal) {
  let expected = 0;
  for await (const message of lines(await ask(request, signal), signal)) {
    if (message.error) throw new Refusal(message);
    if ("sound" in message) {
      if (message.piece !== expected++) throw new Refusal(LOST);
      yield { ...message, sound: samples(message.sound) };
    } else {
      yield message;
    }
    if (!("pieces" in message)) continue;
    if (message.pieces !== expected) throw new Refusal(LOST);
    return;
  }
  throw new Refusal(LOST);
}

async function ask(request, signal) {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify(request);
  const asked = fetch(address("speak"), { method: "POST", headers, body, signal });
  const answer = await asked.catch((error) => lost(error, signal));
  if (answer.ok) return answer.body;
  throw await refusal(answer);
}

async function refusal(answer) {
  const told = await answer.json().catch(() => ({}));
  const status = `The server answered ${answer.status}. Press Speak to try again.`;
  return new Refusal({ error: told.error ?? told.detail ?? status, field: told.field });
}

// Throws if the server has no such file of a take: a browser would save nothing, and not say why.
export async function check(file) {
  const answer = await fetch(file, { method: "HEAD" }).catch((error) => lost(error));
  if (!answer.ok) throw await refusal(await fetch(file));
}

// Browsers name a broken connection in words of their own.
function lost(error, signal) {
  throw signal?.aborted ? error : new Refusal(LOST);
}

async function* lines(body, signal) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let kept = "";
  for (;;) {
    const { value, done } = await reader.read().catch((error) => lost(error, signal));
    if (done) return;
    const whole = (kept + value).split("\n");
    kept = whole.pop();
    for (const line of whole) yield JSON.parse(line);
  }
}

function samples(coded) {
  const bytes = Uint8Array.from(atob(coded), (character) => character.charCodeAt(0));
  return new Int16Array(bytes.buffer);
}
