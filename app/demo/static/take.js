// A take: the sound of a text by sentence, with the times of its words and its outline.

export const OUTLINE_SECONDS = 0.01; // each has one value of the outline, the largest amplitude

class Line {
  constructor(utterance) {
    Object.assign(this, { utterance, pieces: [], outline: [], words: [], length: 0 });
  }

  add(sound, words, step) {
    this.pieces.push(sound);
    this.words.push(...words);
    this.length += sound.length;
    for (let start = 0; start < sound.length; start += step) {
      const stop = Math.min(start + step, sound.length);
      let peak = 0;
      for (let i = start; i < stop; i++) peak = Math.max(peak, Math.abs(sound[i]));
      this.outline.push(peak / 32768);
    }
  }
}

export class Take {
  // `request` is what it was asked for with; `sheet` the HTML of its words.
  constructor(request, lines = [], sheet = "") {
    Object.assign(this, { request, lines, sheet, id: null, stats: "", rate: 24000, whole: false });
    this.changes = 0; // of its sound
  }

  // Adds a piece at the end of its sentence; times count from the first piece of the request.
  add({ utterance, sound, words, rate }) {
    this.rate = rate;
    let line = this.lines.find((one) => one.utterance === utterance);
    if (!line) this.lines.push((line = new Line(utterance)));
    this.begun ??= utterance;
    const earlier = this.begun === utterance ? 0 : this.start(line);
    const own = words.map(([from, to, start, end]) => ({
      from, to, start: start - earlier, end: end - earlier,
    }));
    line.add(sound, own, Math.round(rate * OUTLINE_SECONDS));
    this.changes++;
  }

  // The same take with one sentence left out, to be spoken again.
  without(utterance) {
    const lines = this.lines.map((one) => (one.utterance === utterance ? new Line(utterance) : one));
    return Object.assign(new Take(this.request, lines, this.sheet), { begun: utterance, rate: this.rate });
  }

  get seconds() {
    return this.lines.reduce((sum, line) => sum + line.length, 0) / this.rate;
  }

  // When a sentence starts, in seconds.
  start(wanted) {
    let length = 0;
    for (const line of this.lines) {
      if (line === wanted || line.utterance === wanted) break;
      length += line.length;
    }
    return length / this.rate;
  }

  // The samples from a time on.
  samples(seconds) {
    const pieces = this.lines.flatMap((line) => line.pieces);
    const whole = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let place = 0;
    for (const piece of pieces) whole.set(piece, place), (place += piece.length);
    return whole.slice(Math.round(seconds * this.rate));
  }

  get outline() {
    return this.lines.flatMap((line) => line.outline);
  }

  // The word that is spoken at a time, if any.
  word(seconds) {
    let own = seconds;
    for (const line of this.lines) {
      const lasts = line.length / this.rate;
      if (own < lasts) return line.words.find(({ start, end }) => start <= own && own < end) ?? null;
      own -= lasts;
    }
    return null;
  }

  // The place in the text up to which it is made.
  get reached() {
    return Math.max(0, ...this.lines.flatMap((line) => line.words.map(({ to }) => to)));
  }
}
