// Plays samples as they arrive, and tells where in the take it is.

import { Sources } from "./sources.js";
import { address } from "./speech.js";

export class Sound {
  // `over` is called once all that was announced was heard.
  constructor(rate, over) {
    this.context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
    this.output = new GainNode(this.context);
    this.output.connect(this.context.destination);
    this.over = over;
    this.turn = 0;
    this.idle();
    this.loaded = this.load(); // before it, nothing can begin
  }

  async load() {
    const { context, output } = this;
    if (!context.audioWorklet) {
      this.node = new Sources(context, output, (report) => this.hear(report));
      return;
    }
    await context.audioWorklet.addModule(address("static/worklet.js"));
    this.node = new AudioWorkletNode(context, "player", { numberOfInputs: 0, outputChannelCount: [1] });
    this.node.port.onmessage = ({ data }) => this.hear(data);
    this.node.connect(output);
  }

  // What is added next is heard at once, as from this time of the take.
  begin(seconds) {
    this.idle();
    this.start = seconds;
    this.active = true;
    this.node.port.postMessage({ turn: this.turn });
    this.resume();
  }

  add(samples) {
    this.sent += samples.length;
    const copy = samples.slice();
    this.node.port.postMessage({ sound: copy.buffer }, [copy.buffer]);
  }

  // Announces that nothing more is added.
  complete() {
    this.completed = true;
    this.node.port.postMessage({ complete: true });
    this.check();
  }

  stop() {
    this.idle();
    this.node?.port.postMessage({ turn: this.turn });
  }

  idle() {
    this.turn++;
    Object.assign(this, { active: false, completed: false, sent: 0, start: 0, played: 0, report: null, first: null });
  }

  pause() {
    this.context.suspend();
  }

  resume() {
    return this.context.resume();
  }

  set volume(gain) {
    this.output.gain.value = gain;
  }

  // The time of the take that is heard now; it never goes back.
  get seconds() {
    if (!this.report) return this.start;
    const since = this.context.currentTime - this.report.time - this.delay;
    const played = this.report.played / this.context.sampleRate + since;
    this.played = Math.max(this.played, Math.min(played, this.sent / this.context.sampleRate));
    return this.start + this.played;
  }

  // From the output of the worklet to the ear, as far as the browser knows.
  get delay() {
    return this.context.outputLatency || this.context.baseLatency || 0;
  }

  hear(report) {
    if (report.turn !== this.turn || !this.active) return;
    this.report = report;
    if (report.first !== null) {
      const wait = report.first - this.context.currentTime + this.delay;
      this.first ??= performance.now() + 1000 * wait;
    }
    this.check();
  }

  check() {
    const { turn } = this;
    if (!this.completed || (this.report?.played ?? 0) < this.sent) return;
    setTimeout(() => turn === this.turn && this.active && this.over(), 1000 * this.delay);
  }
}
