// Draws the waveform of a take and its played part, and is the slider to seek in it.

const BAR = 3; // CSS pixels of a bar
const GAP = 2;
const QUIETEST = 0.15; // the loudest amplitude that fills the height, at least

export class Waveform {
  // `seek` is called with a time in seconds, `toggle` to play or pause by the space bar.
  constructor(slider, seek, toggle) {
    this.slider = slider;
    this.canvas = slider.querySelector("canvas");
    Object.assign(this, { seek, toggle });
    this.length = 0; // seconds from the left edge to the right one
    this.drawn = "";
    slider.addEventListener("pointerdown", (event) => this.grab(event));
    slider.addEventListener("pointermove", (event) => {
      if (slider.hasPointerCapture(event.pointerId)) this.point(event);
    });
    slider.addEventListener("keydown", (event) => this.press(event));
    new ResizeObserver(() => (this.drawn = "")).observe(this.canvas);
  }

  grab(event) {
    if (!this.take || event.button) return;
    this.slider.setPointerCapture(event.pointerId);
    this.point(event);
  }

  point({ clientX }) {
    const { left, width } = this.canvas.getBoundingClientRect();
    const share = Math.min(Math.max(0, (clientX - left) / width), 1);
    this.seek(Math.min(share * this.length, this.take.seconds));
  }

  press(event) {
    if (!this.take || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " ") {
      event.preventDefault();
      return this.toggle();
    }
    const to = { Home: 0, End: this.take.seconds }[event.key];
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.key];
    if (to === undefined && by === undefined) return;
    event.preventDefault();
    this.seek(Math.min(Math.max(0, to ?? this.seconds + by), this.take.seconds));
  }

  // Shows a take at a time; its length is an estimate while it is made.
  show(take, seconds, length) {
    Object.assign(this, { take, seconds, length: Math.max(length, take?.seconds ?? 0) });
    const { slider } = this;
    slider.setAttribute("aria-disabled", String(!take));
    slider.setAttribute("aria-valuemax", (take?.seconds ?? 0).toFixed(1));
    slider.setAttribute("aria-valuenow", seconds.toFixed(1));
    slider.setAttribute("aria-valuetext", take ? `${clock(seconds)} of ${clock(take.seconds)}` : "nothing to play yet");
    this.draw();
  }

  draw() {
    const { canvas, take, seconds, length } = this;
    const scale = devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = canvas;
    const colours = getComputedStyle(canvas);
    const [played, made, unmade] = ["--played", "--made", "--unmade"].map((name) => colours.getPropertyValue(name));
    const look = [width, height, scale, take?.id, take?.changes, seconds.toFixed(3), length, played, made].join();
    if (look === this.drawn && take === this.of) return;
    Object.assign(this, { drawn: look, of: take });

    canvas.width = width * scale;
    canvas.height = height * scale;
    const paper = canvas.getContext("2d");
    paper.scale(scale, scale);
    const bars = this.bars(Math.max(1, Math.floor((width + GAP) / (BAR + GAP))));
    const now = length ? (seconds / length) * width : 0;
    bars.forEach((amplitude, place) => {
      const left = place * (BAR + GAP);
      const tall = amplitude === null ? BAR : Math.max(BAR, amplitude * (height - 4));
      const box = [left, (height - tall) / 2, BAR, tall];
      paper.fillStyle = amplitude === null ? unmade : made;
      fill(paper, box);
      if (amplitude === null || left >= now) return;
      paper.save();
      paper.beginPath();
      paper.rect(0, 0, now, height);
      paper.clip();
      paper.fillStyle = played;
      fill(paper, box);
      paper.restore();
    });
    if (!take || (!seconds && !bars.length)) return;
    paper.fillStyle = played;
    paper.fillRect(Math.min(Math.max(0, now - 1), width - 2), 0, 2, height);
  }

  // The height of each bar as a share, or null where nothing is made yet.
  bars(count) {
    const { take, length } = this;
    const key = [count, length, take?.changes].join();
    if (this.kept?.take === take && this.kept.key === key) return this.kept.bars;
    this.kept = { take, key, bars: this.measure(count) };
    return this.kept.bars;
  }

  measure(count) {
    const outline = this.take?.outline ?? [];
    const loudest = outline.reduce((most, one) => Math.max(most, one), QUIETEST);
    const share = this.length ? (this.take.seconds / this.length) * count : 0;
    const each = outline.length / (share || 1);
    return Array.from({ length: count }, (_, place) => {
      if (place >= share) return null;
      const from = Math.floor(place * each);
      const few = outline.slice(from, Math.max(Math.floor((place + 1) * each), from + 1));
      return few.reduce((most, one) => Math.max(most, one), 0) / loudest;
    });
  }
}

function fill(paper, box) {
  paper.beginPath();
  paper.roundRect(...box, BAR / 2);
  paper.fill();
}

// Minutes and seconds.
export function clock(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
