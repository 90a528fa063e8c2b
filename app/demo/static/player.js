// The player of the page: speaks, plays and seeks, and tells the rest of the page what it does.

import { Sheet } from "./sheet.js";
import { Sound } from "./sound.js";
import { address, speak } from "./speech.js";
import { Take } from "./take.js";
import { Waveform, clock } from "./waveform.js";

const SOON = 400; // ms in which most texts begin to sound
const SURE = 0.02; // share of the text that is made before the length is estimated
// What a screen reader says of a state
const STATES = { playing: "Speaking", paused: "Stopped", ended: "Finished" };
const find = (query) => document.querySelector(query);
const write = (query, text) => {
  const place = find(query);
  if (place.textContent !== text) place.textContent = text;
};

export class Player {
  constructor(panel) {
    this.panel = panel;
    this.fields = panel.dataset.fields.split(" ");
    this.take = null;
    this.job = null; // the request whose answer still comes
    this.cursor = 0; // where playing goes on, in seconds
    this.state = "empty"; // or waiting, playing, paused, ended
    this.sound = new Sound(Number(panel.dataset.rate), () => this.ended());
    this.waveform = new Waveform(find("#position"), (seconds) => this.seek(seconds), () => this.toggle());
    this.sheet = new Sheet(find("#sheet"), (line) => this.again(line));
    this.follow = this.follow.bind(this);
  }

  get busy() {
    return Boolean(this.job) || this.state === "playing";
  }

  get seconds() {
    return this.sound.active ? this.sound.seconds : this.cursor;
  }

  // Speaks a text. A text beside that of the page, such as a sample, is not marked when that changes.
  speak(request, { aside = false, clicked = performance.now() } = {}) {
    this.stop();
    return this.run(Object.assign(new Take(request), { aside }), request, 0, clicked);
  }

  // Speaks a sentence of the take with another seed.
  again(line) {
    this.stop();
    if (!this.take?.id) return;
    const take = Object.assign(this.take.without(line), { aside: this.take.aside, instead: this.take });
    this.run(take, { take: this.take.id, line }, take.start(line), performance.now());
  }

  async run(take, request, start, clicked) {
    const job = { take, clicked, control: new AbortController(), live: true };
    this.job = job;
    this.state = "waiting";
    this.complain(null);
    this.update();
    try {
      await this.sound.loaded;
      if (this.job !== job) return;
      this.sound.begin(start);
      for await (const message of speak(request, job.control.signal)) {
        if (this.job !== job) return;
        this.hear(job, message);
      }
      this.job = null;
      take.whole = true;
      this.made(take);
      if (job.live) this.sound.complete();
    } catch (error) {
      if (this.job !== job) return;
      this.job = null;
      this.leave(take);
      this.halt();
      this.complain(error);
    }
    this.update();
  }

  // Handles a message about the speech that is being made.
  hear(job, message) {
    const { take } = job;
    if (message.sound) {
      if (job.live) this.sound.add(message.sound);
      take.add(message);
      take.id = message.take ?? null;
      if (this.take !== take) this.adopt(take);
      this.sheet.mark(take);
    } else if (message.sheet) {
      take.sheet = message.sheet;
      this.sheet.show(take);
    } else {
      Object.assign(take, { stats: message.stats, id: message.take });
    }
    this.update();
  }

  adopt(take) {
    this.take = take;
    this.clicked = this.job?.clicked ?? null;
    if (this.state === "waiting") this.state = "playing";
    if (take.sheet) this.sheet.show(take);
    find("#heard").textContent = "";
    find("#told").innerHTML = "";
  }

  // A take is made, or was stopped.
  made(take) {
    this.sheet.mark(take);
    find("#told").innerHTML = take.stats;
    this.offer(take);
    this.read(take);
    document.dispatchEvent(new CustomEvent("take", { detail: take }));
  }

  // Keeps what was made of a take that does not go on; a sentence that was to be replaced stays.
  leave(take) {
    if (take.instead) {
      if (this.take === take) this.show(take.instead);
    } else if (take.id) {
      this.made(take);
    }
  }

  stop() {
    const { job } = this;
    this.job = null;
    job?.control.abort();
    if (job) this.leave(job.take);
    this.halt();
    this.update();
  }

  // Stops the sound where it is.
  halt() {
    this.cursor = this.seconds;
    this.sound.stop();
    this.state = this.take ? "paused" : "empty";
  }

  ended() {
    this.halt();
    this.state = "ended";
    this.update();
  }

  // Shows a take that was spoken before.
  show(take) {
    this.sound.stop();
    Object.assign(this, { take, cursor: 0, state: "paused", clicked: null });
    this.sheet.show(take);
    find("#told").innerHTML = take.stats;
    find("#heard").textContent = "";
    this.offer(take);
    this.read(take);
    this.update();
  }

  // Plays a take from a time on.
  play(take = this.take, seconds = 0) {
    if (take !== this.take) {
      this.stop();
      this.show(take);
    }
    this.clicked = null;
    this.sound.begin(seconds);
    this.sound.add(take.samples(seconds));
    if (this.job) this.job.live = true;
    else this.sound.complete();
    this.state = "playing";
    this.update();
  }

  toggle() {
    if (!this.take) return;
    if (this.state === "playing") {
      this.sound.pause();
      this.state = "paused";
    } else if (this.sound.active) {
      this.sound.resume();
      this.state = "playing";
    } else {
      this.play(this.take, this.cursor < this.take.seconds - 0.05 ? this.cursor : 0);
    }
    this.update();
  }

  seek(seconds) {
    if (!this.take || this.job?.take.instead) return;
    if (this.state === "playing") {
      this.play(this.take, seconds);
    } else {
      if (this.job) this.job.live = false;
      this.sound.stop();
      this.cursor = seconds;
      this.update();
    }
  }

  // The values of the page's inputs are no longer those of the take, or they are again.
  changed(values) {
    this.values = JSON.stringify(this.request(values));
    this.complain(null);
    this.update();
  }

  request(values) {
    return Object.fromEntries(this.fields.map((name, place) => [name, values[place]]));
  }

  get stale() {
    const { take, values } = this;
    return Boolean(take && values && !take.aside && values !== JSON.stringify(take.request));
  }

  complain(error) {
    for (const place of document.querySelectorAll("[data-error], #player-error")) place.textContent = "";
    this.wrong = Boolean(error); // what stands at a field is what to do next
    if (!error) return;
    const place = find(`[data-error~="${error.field}"]`) ?? find("#player-error");
    place.textContent = error.message;
  }

  // The files of a take, and its spectrogram.
  offer(take) {
    for (const link of find("#downloads").querySelectorAll("a")) link.href = address(`takes/${take.id}/${link.download}`);
    const picture = find("#spectrogram img");
    if (find("#spectrogram").open) picture.src = address(`takes/${take.id}/spectrogram.png`);
    else picture.removeAttribute("src");
  }

  async read(take) {
    const place = find("#reading .how");
    if (!place || place.dataset.text === take.request.text) return;
    const answer = await fetch(address(`takes/${take.id}/reading`)).catch(() => null);
    if (!answer?.ok || take !== this.take) return;
    place.innerHTML = await answer.text();
    place.dataset.text = take.request.text;
  }

  update() {
    const { panel, take, busy, state } = this;
    panel.dataset.state = state;
    panel.toggleAttribute("data-making", Boolean(this.job));
    find("#listen")?.classList.toggle("stale", this.stale);
    find("#sheet").classList.toggle("waiting", state === "waiting");
    find("#play").disabled = !take;
    find("#play").setAttribute("aria-label", state === "playing" ? "Pause" : "Play");
    find("#downloads").hidden = find("#spectrogram").hidden = !take?.id || Boolean(this.job);
    write("#state", STATES[state] ?? "");
    const [button, label] = [find("#speak"), busy ? "Stop" : "Speak"];
    if (button && button.textContent.trim() !== label) button.textContent = label;
    button?.classList.toggle("stops", busy);
    this.draw();
    if (busy) this.follow();
  }

  progress() {
    const { take, job, state } = this;
    if (state === "waiting") return performance.now() - job.clicked > SOON ? "Preparing …" : "";
    if (!job) return this.stale && !this.busy && !this.wrong ? "Changed since. Press Speak to hear it." : "";
    const share = this.share(take);
    return share < SURE ? "" : `${Math.round(100 * share)}% made, about ${clock(take.seconds / share)} in all`;
  }

  // How much of the text is made.
  share(take) {
    return take.whole ? 1 : Math.min(1, take.reached / (this.sheet.length || Infinity));
  }

  draw() {
    const { take, seconds } = this;
    const share = take ? this.share(take) : 1;
    const length = take && this.job && share >= SURE ? take.seconds / share : 0;
    this.waveform.show(take, seconds, length);
    write("#progress", this.progress());
    write("#time", `${clock(seconds)} / ${clock(take?.seconds ?? 0)}`);
  }

  // Follows the sound on every frame.
  follow() {
    if (this.following) return;
    this.following = requestAnimationFrame(() => {
      this.following = 0;
      if (!this.busy) return this.sheet.light(null);
      this.draw();
      this.sheet.light(this.sound.active && this.take ? this.take.word(this.seconds) : null);
      if (this.clicked !== null && this.sound.first !== null && this.take) this.measure();
      this.follow();
    });
  }

  measure() {
    const heard = Math.round(this.sound.first - this.clicked);
    find("#heard").innerHTML = `Heard <b>${heard} ms</b> after the click.`;
    dispatchEvent(new CustomEvent("firstsound", { detail: heard }));
    this.clicked = null;
  }
}
