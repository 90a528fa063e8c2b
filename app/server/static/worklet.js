// Plays 16-bit samples as they arrive, and reports to the page how far it is.

const LOUD = 0.001; // amplitude of the first audible sample
const QUANTA = 4; // blocks of 128 samples from one report to the next

class Player extends AudioWorkletProcessor {
  constructor() {
    super();
    this.begin(0);
    this.port.onmessage = ({ data }) => {
      if (data.turn) this.begin(data.turn);
      if (data.sound) this.chunks.push(new Int16Array(data.sound));
      this.complete = Boolean(data.complete);
    };
  }

  begin(turn) {
    const fresh = { chunks: [], place: 0, played: 0, first: null, underruns: 0, quanta: 0 };
    Object.assign(this, fresh, { turn, complete: false, hungry: false });
  }

  process(_, [[out]]) {
    let filled = 0;
    while (filled < out.length && this.chunks.length) {
      const chunk = this.chunks[0];
      const count = Math.min(out.length - filled, chunk.length - this.place);
      for (let i = 0; i < count; i++) out[filled + i] = chunk[this.place + i] / 32767;
      filled += count;
      this.place += count;
      if (this.place === chunk.length) (this.place = 0), this.chunks.shift();
    }
    this.watch(out, filled);
    return true;
  }

  watch(out, filled) {
    const hungry = filled < out.length;
    if (!filled && (this.hungry || !this.played)) return;
    if (this.first === null) {
      const loud = out.findIndex((sample) => Math.abs(sample) > LOUD);
      if (loud >= 0) this.first = currentTime + loud / sampleRate;
    }
    if (hungry && !this.hungry && !this.complete) this.underruns++;
    this.hungry = hungry;
    this.played += filled;
    if (this.quanta++ % QUANTA && !hungry) return;
    const { turn, played, first, underruns, complete } = this;
    const over = complete && hungry, time = currentTime + filled / sampleRate;
    this.port.postMessage({ turn, played, first, underruns, over, time });
  }
}

registerProcessor("player", Player);
