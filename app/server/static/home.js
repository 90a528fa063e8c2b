// Speaks the text of the box, puts the server's address into the examples, and copies them.

import { SECRET, authorization, showVoices } from "./voices.js";

const at = (id) => document.getElementById(id);
const EXAMPLE = "http://127.0.0.1:8000/"; // the address in the examples
const base = new URL("./", location.href);
let asking = null;

function fillAddress() {
  const examples = document.createTreeWalker(document.querySelector(".ways"), NodeFilter.SHOW_TEXT);
  while (examples.nextNode()) {
    const { currentNode } = examples;
    currentNode.data = currentNode.data.replaceAll(EXAMPLE, base.href);
  }
  const local = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  document.querySelector(".host").textContent = location.hostname;
  for (const note of document.querySelectorAll(".local")) note.hidden = !local;
}

function addCopyButtons() {
  for (const section of document.querySelectorAll(".ways section")) {
    const title = section.querySelector("h3").textContent;
    const listing = section.querySelector("pre");
    if (listing) section.querySelector("header").append(copyButton(listing, title));
    for (const value of section.querySelectorAll("dd")) {
      const name = `${title}: ${value.previousElementSibling.textContent}`;
      value.append(copyButton(value.firstElementChild, name));
    }
  }
}

function copyButton(code, name) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "copy", textContent: "Copy" });
  button.setAttribute("aria-label", `Copy ${name}`);
  button.onclick = () => copy(code, button, name);
  return button;
}

async function copy(code, button, name) {
  const done = await write(code);
  at("copied").textContent = done ? `Copied ${name}` : "Press Ctrl+C to copy what is selected";
  button.textContent = done ? "Copied" : "Ctrl+C";
  setTimeout(() => (button.textContent = "Copy"), 2000);
}

// The clipboard is there only over https and on this machine; elsewhere the code is selected.
async function write(code) {
  try {
    await navigator.clipboard.writeText(code.innerText.trimEnd());
    return true;
  } catch {
    getSelection().selectAllChildren(code);
    return document.execCommand("copy");
  }
}

function isLocked() {
  return document.documentElement.dataset.key === "needed" && !sessionStorage.getItem(SECRET);
}

async function ask(path, options = {}) {
  const answer = await fetch(new URL(path, base), {
    ...options,
    headers: { ...authorization(), ...options.headers },
  });
  if (answer.status === 401) {
    at("locked").hidden = false;
    throw new Error("this is not the API key of this server");
  }
  if (!answer.ok) throw new Error((await answer.json()).error.message);
  return answer;
}

async function listVoices() {
  const listed = await (await ask("v1/voices")).json();
  showVoices(at("voice"), listed);
  const names = listed.voices.flatMap(({ id }) => [",", document.createElement("wbr"), id]);
  at("voices").hidden = false;
  at("locked").hidden = true;
  document.querySelector(".voices").replaceChildren(...names.slice(2));
}

async function speak() {
  if (isLocked()) {
    at("key").focus();
    throw new Error("type the API key of this server first");
  }
  if (!at("text").value.trim()) {
    at("text").focus();
    throw new Error("type some text first");
  }
  asking?.abort();
  const { signal } = (asking = new AbortController());
  const body = JSON.stringify({ input: at("text").value, voice: at("voice").value || undefined });
  const headers = { "Content-Type": "application/json" };
  const answer = await ask("v1/audio/speech", { method: "POST", headers, body, signal });
  play(await answer.blob());
}

function play(sound) {
  const player = at("player");
  URL.revokeObjectURL(player.src);
  player.src = at("save").href = URL.createObjectURL(sound);
  at("spoken").hidden = false;
  player.play().catch(() => {}); // a browser may want a click on the player first
}

async function attempt(work) {
  at("why").hidden = true;
  try {
    await work();
  } catch (error) {
    if (error.name === "AbortError") return;
    const why = error instanceof TypeError ? "the connection to the server was lost" : error.message;
    at("why").textContent = `${why[0].toUpperCase()}${why.slice(1)}.`;
    at("why").hidden = false;
  }
}

at("try").onsubmit = (event) => {
  event.preventDefault();
  attempt(speak);
};
at("text").onkeydown = (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) at("try").requestSubmit();
};
at("key").onchange = ({ target }) => {
  sessionStorage.setItem(SECRET, target.value);
  if (target.value) attempt(listVoices);
};
fillAddress();
addCopyButtons();
if (isLocked()) at("locked").hidden = false;
else await attempt(listVoices);
document.documentElement.dataset.ready = "";
