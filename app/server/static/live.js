// Sends text while it is typed, and plays audio while it is made.

import { SECRET, authorization, showVoices } from "../static/voices.js";

const at = (id) => document.getElementById(id);
const text = at("text"), lit = [...at("lit").children];
const dials = [...document.querySelectorAll(".dials input")];
const OVER = /^[\s\S]*[.?!…]["'”’)\]]*\s+\S+\s/; // a sentence, and a word of the next
const MARKED = /[.?!…]["'”’)\]]*\s*$/;
const PATIENCE = 900; // ms without typing after which a complete sentence is sent; chosen by hand

// The current speech: where it starts in the text, its words, and its timing.
let said = null, turn = 0;
// The pieces of audio that came for the last speech of which any came, and its voices.
let pieces = [], voices = [];
// The start of the text that was sent already, or is to be skipped.
let past = "", waiting = 0;
let socket = null, player = null;

function speak({ timeStamp: asked }) {
  if (!player) return;
  if (!text.value.trim()) {
    text.focus();
    return complain("type some text first");
  }
  begin(0, { asked });
  past = "";
  send(text.value, { end: true });
}

function begin(start, more) {
  stop();
  said = { start, places: [0], words: [], voices: new Set(), asked: performance.now(), ...more };
  player?.port.postMessage({ turn: ++turn });
  at("why").hidden = true;
  at("stop").disabled = false;
}

function send(stretch, more) {
  // the server counts characters, JavaScript 16-bit units
  for (const character of stretch) said.places.push(said.places.at(-1) + character.length);
  past += stretch;
  if (context.state !== "running") context.resume();
  const numbers = Object.fromEntries(dials.map((dial) => [dial.name, Number(dial.value)]));
  const voice = at("voice").value;
  if (voice) said.voices.add(voice);
  tell({ ...(voice && { voice }), ...numbers, text: stretch, ...more });
}

function stop() {
  if (!said) return;
  if (!said.done) {
    tell({ stop: true });
    socket.hushed = true;
  }
  player?.port.postMessage({ turn: ++turn });
  rest();
}

function rest() {
  said = null;
  offer();
  at("stop").disabled = true;
  show();
}

// Sends each sentence once it is complete. After a change, speaks again from the changed word.
function typed() {
  show();
  if (player && !said) at("why").hidden = true;
  clearTimeout(waiting);
  if (!player || !at("typing").checked || (said && !said.live)) return;
  if (!text.value.startsWith(past)) {
    past = unchanged(past, text.value);
    stop();
  }
  const left = text.value.slice(past.length);
  const line = left.endsWith("\n") && left.trim();
  const over = line ? left : (left.match(OVER)?.[0] ?? "");
  if (over) put(over, line);
  const rest = left.slice(over.length);
  if (MARKED.test(rest)) waiting = setTimeout(put, PATIENCE, rest, true);
}

function put(stretch, flush) {
  if (!said) begin(past.length, { live: true });
  if (!said.came) said.asked = performance.now();
  send(stretch, flush ? { flush: true } : {});
}

function unchanged(before, after) {
  let same = 0;
  while (same < before.length && before[same] === after[same]) same++;
  return before.slice(0, same).replace(/\S+$/, "");
}

// Connects before the first message, and again after the connection was lost.
function connect() {
  const url = new URL("v1/audio/stream", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  socket = new WebSocket(url, ["tts", ...secret()]);
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data, target }) => hear(data, target);
  socket.onclose = ({ target }) => lost(target);
}

function secret() {
  const key = new TextEncoder().encode(sessionStorage.getItem(SECRET) ?? "");
  const coded = btoa(String.fromCharCode(...key)).replace(/\+/g, "-").replace(/\//g, "_");
  return coded ? ["key." + coded.replace(/=/g, "")] : [];
}

function tell(message) {
  const line = JSON.stringify(message);
  if (socket.readyState > WebSocket.OPEN) connect();
  if (socket.readyState === WebSocket.OPEN) socket.send(line);
  else socket.addEventListener("open", ({ target }) => target.send(line), { once: true });
}

function hear(data, from) {
  if (from !== socket) return;
  const message = typeof data === "string" ? JSON.parse(data) : {};
  if (message.error) complain(message.error);
  else if (from.hushed) from.hushed = !message.stopped;
  else if (!said) return;
  else if (message.start) begun(message);
  else if (message.warning) complain(message.warning);
  else if (message.words) said.words.push(...message.words);
  else if (message.done) finish();
  else if (message.told) said.live && player.port.postMessage({ complete: true });
  else if (typeof data !== "string") play(data);
}

function begun({ after }) {
  if (!said.came) pieces = [];
  voices = [...said.voices];
  said.came = { now: performance.now(), engine: after * 1000 };
}

function play(sound) {
  pieces.push(new Blob([sound]));
  player.port.postMessage({ sound }, [sound]);
}

function finish() {
  said.done = true;
  offer();
  if (said.came) return player.port.postMessage({ complete: true });
  if (!said.live && at("why").hidden) complain("the text has no words to speak");
  rest();
}

function offer() {
  at("save").disabled = !pieces.length;
  at("length").value = pieces.length ? `${(size() / 2 / context.sampleRate).toFixed(1)} s` : "";
}

const size = () => pieces.reduce((total, piece) => total + piece.size, 0);

// The server makes the header, so that this file is marked as synthetic like all others.
async function save() {
  const spoken = [...pieces];
  const asked = new URLSearchParams({ length: size(), voice: voices.join("+") });
  const answer = await fetch(`live/wav-header?${asked}`).catch(() => null);
  if (!answer?.ok) return complain("the server did not make the file; try again");
  const file = new Blob([await answer.blob(), ...spoken], { type: "audio/wav" });
  const link = Object.assign(document.createElement("a"), { download: "speech.wav" });
  link.href = URL.createObjectURL(file);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function lost(from) {
  if (from !== socket || !said || said.done) return;
  if (at("why").hidden) complain("the connection to the server was lost; press Speak to try again");
  finish();
}

function complain(why) {
  at("why").textContent = `${why[0].toUpperCase()}${why.slice(1)}.`;
  at("why").hidden = false;
  at("locked").hidden = !why.startsWith("the API key");
}

// Handles a report of the player on how far it is.
function heard(report) {
  if (!said || report.turn !== turn) return;
  if (!said.report) requestAnimationFrame(light);
  said.report = report;
  if (report.first !== null && !said.figures) measure(report.first);
  at("underruns").textContent = report.underruns;
  const one = said;
  if (report.over && !one.live) setTimeout(() => one === said && rest(), late() * 1000);
}

const late = () => context.outputLatency || context.baseLatency || 0;

function measure(first) {
  const audible = performance.now() + (first - context.currentTime + late()) * 1000;
  const { now, engine } = said.came;
  const network = now - said.asked - engine;
  said.figures = { first: audible - said.asked, engine, network, browser: audible - now };
  for (const [name, ms] of Object.entries(said.figures)) at(name).textContent = `${ms.toFixed(0)} ms`;
  at("figures").hidden = false;
  at("untimed").hidden = true;
  dispatchEvent(new CustomEvent("firstsound", { detail: said.figures }));
}

function light() {
  if (!said) return;
  const { played, time } = said.report;
  const now = played / context.sampleRate + Math.min(0, context.currentTime - time) - late();
  const word = said.words.findLast((one) => one.start <= now);
  if (word !== said.word) show((said.word = word));
  requestAnimationFrame(light);
}

function show(word = said?.word) {
  const [from, to] = word ? word.span.map((place) => said.start + said.places[place]) : [0, 0];
  const start = word ? said.start : 0;
  const cuts = [0, start, from, to, text.value.length];
  lit.forEach((one, i) => (one.textContent = text.value.slice(cuts[i], cuts[i + 1])));
}

async function listVoices() {
  const answer = await fetch("v1/voices", { headers: authorization() });
  at("locked").hidden = answer.status !== 401;
  if (answer.ok) showVoices(at("voice"), await answer.json());
}

at("speak").onclick = speak;
at("stop").onclick = () => {
  past = text.value;
  stop();
};
at("save").onclick = save;
at("typing").onchange = () => (past = text.value);
at("key").onchange = ({ target }) => {
  sessionStorage.setItem(SECRET, target.value);
  at("why").hidden = true;
  connect();
  listVoices();
};
text.oninput = typed;
addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.preventDefault(), speak(event);
  if (event.key === "Escape") at("stop").click();
});
function tellValue({ target }) {
  const shown = `${target.value} ${target.dataset.unit}`.trim();
  target.parentElement.querySelector("output").value = shown;
  target.setAttribute("aria-valuetext", shown);
}

for (const dial of dials) (dial.oninput = tellValue)({ target: dial });

const context = new AudioContext({ sampleRate: 24000, latencyHint: "interactive" });
const gain = new GainNode(context);
gain.connect(context.destination);
at("loudness").oninput = ({ target }) => {
  gain.gain.value = (target.value / 100) ** 2; // loudness grows slower than amplitude
  tellValue({ target });
};
show();
connect();
listVoices();
if (context.audioWorklet) {
  await context.audioWorklet.addModule("live/worklet.js");
  player = new AudioWorkletNode(context, "player", { numberOfInputs: 0, outputChannelCount: [1] });
  player.port.onmessage = ({ data }) => heard(data);
  player.connect(gain);
  at("speak").disabled = false;
  document.documentElement.dataset.ready = "";
} else {
  complain("this page can play audio only over https, or when opened as localhost; Start has a player");
}
