// Play the speech of `tts serve` in a page while it arrives. It needs no package.
//
//   import { speak } from "./play.mjs";
//   button.onclick = () => speak("Hello there.", { voice: "michael" });
//
// A server lets pages of another site call it with the option `--origin`.

const RATE = 24000; // samples a second; `sample_rate` of /v1/voices
const LEAD = 0.05; // seconds between the arrival of samples and their sound, after silence

let context = null; // one for all calls, made by the first click

// Speak a text, and wait until it was heard. `signal`, of an AbortController, stops the speech.
// `output` is the audio node to play into. Further options are fields of the request, such as
// `voice`, `speed` and `seed`.
export async function speak(text, options = {}) {
  const { server = "http://127.0.0.1:8000", key, signal, output, ...fields } = options;
  const target = output ?? (context ??= new AudioContext({ sampleRate: RATE })).destination;
  target.context.resume(); // before any `await`: a browser lets a page sound after a click
  const answer = await fetch(`${server}/v1/audio/speech`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(key && { Authorization: `Bearer ${key}` }) },
    body: JSON.stringify({ ...fields, input: text, response_format: "pcm" }),
    signal,
  });
  if (!answer.ok) throw new Error((await answer.json()).error.message);

  const volume = new GainNode(target.context);
  volume.connect(target);
  const stopped = new Promise((_, reject) => {
    signal?.addEventListener("abort", () => (volume.disconnect(), reject(signal.reason)));
  });
  await Promise.race([play(answer.body.getReader(), volume), stopped]);
}

// Queue each piece after the one before, at a whole sample, so that no seam is heard.
async function play(reader, output) {
  let [place, rest, source] = [0, [], null];
  for (let read; !(read = await reader.read()).done; ) {
    const bytes = new Uint8Array(rest.length + read.value.length);
    bytes.set(rest);
    bytes.set(read.value, rest.length);
    const length = bytes.length >> 1;
    rest = bytes.slice(2 * length); // half a sample
    if (!length) continue;

    const buffer = new AudioBuffer({ length, sampleRate: RATE });
    const samples = new Int16Array(bytes.buffer, 0, length);
    buffer.getChannelData(0).set(Float32Array.from(samples, (sample) => sample / 32768));
    source = new AudioBufferSourceNode(output.context, { buffer });
    source.connect(output);
    const now = output.context.currentTime * RATE;
    if (place < now) place = Math.ceil(now + LEAD * RATE);
    source.start(place / RATE);
    place += length;
  }
  if (source) await new Promise((resolve) => (source.onended = resolve));
}
