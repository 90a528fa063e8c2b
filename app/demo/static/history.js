// The takes of this visit with their settings; a click on one plays it and restores its settings.

import { clock } from "./waveform.js";

const EXCERPT = 90; // characters of a text that are shown
const MOST = 10; // takes; chosen by hand, as are the seconds
const MOST_SECONDS = 1200; // of all takes
const UNITS = { pitch: " semitones", energy: " dB", share: "%" };

export class History {
  // `play` is called with the take that was chosen; `usual` are the settings that are not named.
  constructor(box, usual, play) {
    Object.assign(this, { box, usual, takes: [] });
    box.addEventListener("click", ({ target }) => {
      const { take } = target.closest("[data-take]")?.dataset ?? {};
      if (take !== undefined) play(this.takes[take]);
    });
  }

  // Adds a take as the newest. The oldest are dropped beyond the limits.
  add(take) {
    let seconds = 0;
    this.takes = [take, ...this.takes.filter((one) => !same(one, take))]
      .slice(0, MOST)
      .filter((one, place) => (seconds += one.seconds) <= MOST_SECONDS || !place);
    this.box.replaceChildren(...this.listed());
  }

  listed() {
    const list = make("ol", "takes");
    list.append(...this.takes.map((take, place) => {
      const button = make("button");
      Object.assign(button, { type: "button" }).dataset.take = place;
      button.append(make("span", "text", excerpt(take)), make("span", "settings", this.settings(take)));
      const item = make("li");
      item.append(button);
      return item;
    }));
    return [make("h2", "", "Takes of this visit"), list];
  }

  // The voice, the length, and the settings that differ from the usual ones.
  settings({ request, seconds, instead }) {
    const { text, voice, other, share, ...dials } = { ...this.usual, ...request };
    const changed = Object.entries(dials).filter(([name, value]) => (value ?? this.usual[name]) !== this.usual[name]);
    const blend = other && other !== voice ? ` with ${share}% ${other}` : "";
    return [
      voice + blend,
      seconds < 60 ? `${seconds.toFixed(1)} s` : clock(seconds),
      ...(instead ? ["a sentence again"] : []),
      ...changed.map(([name, value]) => `${name.replaceAll("_", " ")} ${value}${UNITS[name] ?? ""}`),
    ].join(", ");
  }
}

// The same request makes the same sound, unless a sentence was spoken again or it was stopped.
function same(one, take) {
  if (one === take) return true;
  if (one.instead || take.instead || one.seconds !== take.seconds) return false;
  return JSON.stringify(one.request) === JSON.stringify(take.request);
}

function excerpt({ request }) {
  const text = request.text.trim().replace(/\s+/g, " ");
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT).replace(/\s+\S*$/, "")} …` : text;
}

function make(tag, name = "", text = "") {
  return Object.assign(document.createElement(tag), { className: name, textContent: text });
}
