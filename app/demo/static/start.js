// Makes the player of the page, and connects it to buttons, keys and Gradio.
//
// For other scripts and for the page's markup:
// - `player.speak(request)` speaks an object with the fields of a request, of which only `text` is needed;
//   `player.show(take)` and `player.play(take)` bring back a take. The document gets an event `take`, whose
//   detail is the take, when one is made or was stopped.
// - A click on an element with `data-say`, and perhaps `data-voice`, speaks this text.
// - An error goes to the element whose `data-error` lists the field that is wrong (`text`, `voice`, `other`, `share`,
//   `pace` ...), else to `#player-error`; it goes when any input changes.

import { Player } from "./player.js";
import { check } from "./speech.js";

const DOUBLE_CLICK_MS = 250; // a second click so soon does not mean Stop

const find = (query) => document.querySelector(query);

function connect(player) {
  const { sound } = player;
  let clicked = 0;

  // Before Gradio hears of a click, it stops what speaks; the browser lets sound begin only now.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("#speak");
    if (!button) return;
    if (player.busy) {
      event.stopImmediatePropagation();
      const double = event.detail > 1 && performance.now() - clicked < DOUBLE_CLICK_MS;
      if (!double) player.stop();
      return;
    }
    clicked = performance.now();
    player.halt(); // or else what is paused would go on
    sound.resume();
  }, true);
  document.addEventListener("pointerdown", () => sound.context.state === "suspended" && player.state !== "paused" && sound.resume(), true);

  document.addEventListener("click", ({ target }) => {
    const sample = target.closest("[data-say]");
    if (!sample) return;
    const mine = player.busy && player.sample === sample;
    player.stop();
    player.sample = sample;
    const { say: text, voice } = sample.dataset;
    if (!mine) player.speak({ text, ...(voice && { voice }) }, { aside: true });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && player.busy) player.stop();
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (event.repeat) return;
    player.stop();
    find("#speak")?.click();
  }, true);

  find("#play").addEventListener("click", () => player.toggle());
  const volume = find("#volume");
  volume.value = localStorage.getItem("tts-volume") ?? "1";
  const turn = () => (sound.volume = Number(volume.value) ** 2); // loudness is heard by ratios
  volume.addEventListener("input", () => {
    turn();
    localStorage.setItem("tts-volume", volume.value);
  });
  turn();
  find("#downloads").addEventListener("click", ({ target }) => {
    if (target.href) check(target.href).catch((error) => player.complain(error));
  });
  find("#spectrogram").addEventListener("toggle", () => player.take && player.offer(player.take));
  new ResizeObserver(() => player.draw()).observe(find("#position"));

  // What Gradio calls with the values of the page's inputs.
  return Object.assign(window, {
    player,
    speakFields: (...values) => {
      player.changed(values);
      player.speak(player.request(values), { clicked: clicked || performance.now() });
    },
  });
}

async function appear(query) {
  while (!find(query)) await new Promise(requestAnimationFrame);
  return find(query);
}

const player = new Player(await appear("#player"));
connect(player);
player.update();
try {
  await player.sound.loaded;
  document.documentElement.dataset.player = "ready";
} catch (error) {
  player.complain(error);
}
