// Plays samples as the worklet does, where a browser has none: on pages by plain http from another
// machine. Each piece is a source of its own, which begins where the one before it ends.

const LOUD = 0.001; // as in the worklet
const AHEAD = 0.02; // seconds until a piece can sound
const REPORT_MS = 20;

export class Sources {
  // `report` gets what the worklet reports.
  constructor(context, output, report) {
    Object.assign(this, { context, output, report, turn: 0, sources: [] });
    this.port = { postMessage: (message) => this.take(message) };
    setInterval(() => this.tell(), REPORT_MS);
  }

  take({ turn, sound }) {
    if (turn) {
      for (const { source } of this.sources) source.stop();
      Object.assign(this, { turn, sources: [], first: null, end: 0 });
    }
    if (sound) this.add(new Int16Array(sound));
  }

  add(samples) {
    if (!samples.length) return;
    const { context } = this;
    const buffer = context.createBuffer(1, samples.length, context.sampleRate);
    buffer.getChannelData(0).set(Float32Array.from(samples, (sample) => sample / 32767));
    const source = new AudioBufferSourceNode(context, { buffer });
    const start = Math.max(this.end, context.currentTime + AHEAD);
    source.connect(this.output);
    source.start(start);
    this.sources.push({ source, start, seconds: buffer.duration });
    this.end = start + buffer.duration;
    const loud = samples.findIndex((sample) => Math.abs(sample) > LOUD * 32767);
    if (this.first === null && loud >= 0) this.first = start + loud / context.sampleRate;
  }

  tell() {
    const { turn, first, sources, context } = this;
    if (!sources.length) return;
    const time = context.currentTime;
    const seconds = sources.reduce((sum, each) => sum + Math.min(Math.max(0, time - each.start), each.seconds), 0);
    const played = Math.round(seconds * context.sampleRate);
    this.report({ turn, first: first !== null && first <= time ? first : null, played, time });
  }
}
