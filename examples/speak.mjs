// Speak phonemes with the networks that `tts export` writes, by onnxruntime-web alone.
//
//   npm install onnxruntime-web
//   node examples/speak.mjs exported 'ðə kˈæt sˈæt.' cat.wav
//
// A page can import `Model` and `gaussian`; what needs node is at the end of the file. The order of
// calls and all formulas are in the README.md of the exported folder.

import * as ort from "onnxruntime-web";

export class Model {
  // `read` gives the bytes of a file of the exported folder, as a promise of a Uint8Array.
  static async load(read) {
    const model = new Model();
    model.config = JSON.parse(new TextDecoder().decode(await read("config.json")));
    model.sessions = {};
    for (const name of Object.keys(model.config.models)) {
      model.sessions[name] = await ort.InferenceSession.create(await read(name));
    }
    return model;
  }

  // Samples from -1 to 1. `random(count)` gives normal noise as a Float32Array.
  async speak(phonemes, { voice = "heart", random = gaussian(0), pace = 1 } = {}) {
    const plan = await this.plan(phonemes, voice, random, pace);
    return this.sound(await this.mel(plan, random), random);
  }

  // The data of each output of a network. Shapes come from config.json; a size that is a name is
  // what the data leaves.
  async run(network, inputs) {
    const feeds = {};
    for (const { name, dtype, shape } of this.config.models[`${network}.onnx`].inputs) {
      const fixed = shape.reduce((product, size) => product * (Number(size) || 1), 1);
      const sizes = shape.map((size) => Number(size) || inputs[name].length / fixed);
      feeds[name] = new ort.Tensor(dtype, inputs[name], sizes);
    }
    const outputs = await this.sessions[`${network}.onnx`].run(feeds);
    return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, tensor.data]));
  }

  // What the decoder needs of the symbols, and how many frames each of them has.
  async plan(phonemes, voice, random, pace) {
    const { phonemes: names, noise, prosody } = this.config;
    const symbols = [...(names.start + phonemes + names.end)];
    const tokens = BigInt64Array.from(symbols, (symbol) => BigInt(names.symbols[symbol]));
    const vector = Float32Array.from(this.config.voices[voice].vector);
    const { hidden, pause } = await this.run("encoder", { tokens, voice: vector });
    // Pauses may last or not, stress marks never do, phones always.
    const lasts = Uint8Array.from(symbols, (symbol, index) =>
      names.pauses.includes(symbol) ? pause[index] > 0.5 : !names.stress.includes(symbol),
    );
    // One step from noise (time 0) to prosody (time 1).
    const start = random(3 * symbols.length).map((value) => value * noise.prosody_temperature);
    const jump = { has_duration: lasts, x: start, s: [0], t: [1] };
    const { y } = await this.run("prosody", { hidden, voice: vector, ...jump });
    // Ends are rounded, and not durations, so that errors do not add up.
    let end = 0;
    const ends = symbols.map((_, index) => {
      const frames = Math.exp(y[3 * index] * prosody.deviation[0] + prosody.mean[0]) / pace;
      end += lasts[index] ? Math.max(frames, 1) : 0;
      return Math.floor(end + 0.5);
    });
    const durations = ends.map((stop, index) => stop - (ends[index - 1] ?? 0));
    return { hidden, prosody: y, voice: vector, durations };
  }

  // The log-mel, `bands` numbers for each frame.
  async mel({ hidden, prosody, voice, durations }, random) {
    const { mel, noise, position: scales } = this.config;
    const token = [];
    const position = [];
    const near = (distance) => Math.min(distance / scales.edge_frames, scales.max_edge_distance);
    durations.forEach((length, symbol) => {
      for (let since = 0; since < length; since++) {
        token.push(BigInt(symbol));
        position.push((since + 0.5) / length, Math.log(length) / scales.log_length_scale);
        position.push(near(since), near(length - 1 - since));
      }
    });
    const start = random(token.length * mel.bands).map((value) => value * noise.temperature);
    const { y } = await this.run("decoder", {
      ...{ hidden, prosody, voice, token: BigInt64Array.from(token) },
      ...{ position: Float32Array.from(position), x: start, s: [0], t: [1] },
    });
    return y.map((value) => Math.max(value * mel.deviation + mel.mean, mel.floor));
  }

  // Samples from -1 to 1, `hop` for each frame of a log-mel.
  async sound(mel, random) {
    const { n_fft: size, hop, bands } = this.config.mel;
    const frames = mel.length / bands;
    const bins = size / 2 + 1;
    const { real, imaginary, noise_gain: gain } = await this.run("vocoder", { mel });
    const pulses = this.config.f0 ? await this.pulses(mel) : null;
    const noise = this.config.f0 ? random(frames * hop) : null;
    const hann = (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size);
    const window = Float64Array.from({ length: size }, hann);
    const sum = window.reduce((total, value) => total + value, 0);
    const energy = window.reduce((total, value) => total + value ** 2, 0);

    const total = new Float64Array((frames - 1) * hop + size);
    const squares = new Float64Array(total.length);
    for (let frame = 0; frame < frames; frame++) {
      const re = new Float64Array(size);
      const im = new Float64Array(size);
      const pulse = pulses && spectrum(pulses, frame * hop - size / 2, window, 4 / sum);
      const hiss = noise && spectrum(noise, frame * hop - size / 2, window, 1 / Math.sqrt(energy));
      for (let bin = 0; bin < bins; bin++) {
        const at = frame * bins + bin;
        const [x, y] = [real[at], imaginary[at]];
        [re[bin], im[bin]] = [x, y];
        if (pulse) {
          // The vocoder shapes pulses and noise.
          re[bin] = x * pulse.re[bin] - y * pulse.im[bin] + gain[at] * hiss.re[bin];
          im[bin] = x * pulse.im[bin] + y * pulse.re[bin] + gain[at] * hiss.im[bin];
        }
      }
      // The inverse transform to real samples is the transform of the conjugate of the spectrum,
      // whose upper half mirrors the lower one.
      im[0] = im[size / 2] = 0;
      for (let bin = 1; bin < size / 2; bin++) {
        [re[size - bin], im[size - bin]] = [re[bin], im[bin]];
        im[bin] = -im[bin];
      }
      fourier(re, im);
      for (let i = 0; i < size; i++) {
        total[frame * hop + i] += (re[i] / size) * window[i];
        squares[frame * hop + i] += window[i] ** 2;
      }
    }
    return Float32Array.from({ length: frames * hop }, (_, i) => {
      const sample = total[size / 2 + i] / squares[size / 2 + i];
      return Math.min(Math.max(sample, -1), 1);
    });
  }

  // The sum of cosines at all harmonics of F0, `hop` samples for each frame.
  async pulses(mel) {
    const { f0 } = this.config;
    const { hop, sample_rate: rate } = this.config.mel;
    const { octave, voiced: logit } = await this.run("f0", { mel });
    const clip = (value) => Math.min(Math.max(value, f0.min_hz), f0.max_hz);
    const hertz = octave.map((value) => clip(2 ** (f0.mean_log2_hz + value)));
    // Gaps without a voice are bridged.
    const reach = f0.gap / 2;
    const voiced = [...logit.keys()].map((frame) =>
      logit.slice(Math.max(frame - reach, 0), frame + reach + 1).some((value) => value > 0),
    );
    const samples = new Float64Array(hertz.length * hop);
    let phase = 0; // in turns, at the first sample of a frame
    for (let frame = 0; frame < hertz.length; frame++) {
      if (voiced[frame] && !voiced[frame - 1]) phase = 0; // voicing begins with a pulse
      const slope = (hertz[frame + 1] ?? hertz[frame]) - hertz[frame];
      for (let i = 0; i < hop; i++) {
        const now = hertz[frame] + (slope * i) / hop;
        const rise = (slope * i * (i + 1)) / (2 * hop);
        const turns = phase + (hertz[frame] * i + rise) / rate;
        // Not 0, as the formula would be 0 / 0.
        const angle = Math.max(2 * Math.PI * Math.abs(turns - Math.round(turns)), 1e-6);
        const count = Math.floor(f0.max_harmonic_hz / now);
        const cosines = (Math.sin((count + 0.5) * angle) / Math.sin(angle / 2) - 1) / 2;
        samples[frame * hop + i] = cosines * Math.sqrt(now / f0.reference_hz);
      }
      phase += (hertz[frame] * hop + (slope * (hop + 1)) / 2) / rate;
      phase -= Math.round(phase);
    }
    return samples;
  }
}

// The spectrum of windowed samples from `start` on, times `scale`; outside the signal are zeros.
function spectrum(signal, start, window, scale) {
  const re = Float64Array.from(window, (value, i) => scale * value * (signal[start + i] ?? 0));
  const im = new Float64Array(window.length);
  fourier(re, im);
  return { re, im };
}

// The Fourier transform in place, of a power of two of complex numbers (Cooley and Tukey).
function fourier(re, im) {
  const size = re.length;
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  for (let half = 1; half < size; half *= 2) {
    for (let k = 0; k < half; k++) {
      const [cos, sin] = [Math.cos((Math.PI * k) / half), -Math.sin((Math.PI * k) / half)];
      for (let i = k; i < size; i += 2 * half) {
        const j = i + half;
        const [x, y] = [re[j] * cos - im[j] * sin, re[j] * sin + im[j] * cos];
        [re[j], im[j]] = [re[i] - x, im[i] - y];
        [re[i], im[i]] = [re[i] + x, im[i] + y];
      }
    }
  }
}

// Normal noise by Box and Muller, from the generator mulberry32. The numbers are not those of
// numpy, so durations and sound differ a little from those that `tts say` makes for a seed.
export function gaussian(seed) {
  const uniform = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let bits = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
  const one = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return (count) => Float32Array.from({ length: count }, one);
}

// The bytes of a wav file of one channel, 16 bits a sample.
export function wav(samples, rate) {
  const view = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const text = (at, word) =>
    [...word].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + 2 * samples.length, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true); // bytes of the format
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true); // bytes a second
  view.setUint16(32, 2, true); // bytes a sample
  view.setUint16(34, 16, true); // bits a sample
  text(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, i) => view.setInt16(44 + 2 * i, Math.round(32767 * sample), true));
  return new Uint8Array(view.buffer);
}

// What needs node: node speak.mjs FOLDER PHONEMES [OUTPUT] [VOICE] [NOISE]. NOISE is a file of
// normal noise, single precision and little-endian: for prosody, the mel and the source in turn.
if (globalThis.process?.argv[1]?.endsWith("speak.mjs")) {
  const { readFile, writeFile } = await import("node:fs/promises");
  const [folder, phonemes, output = "speech.wav", voice = "heart", file] = process.argv.slice(2);
  const fail = (sentence) => {
    console.error(`error: ${sentence}`);
    process.exit(2);
  };
  if (!phonemes) fail("usage: node speak.mjs FOLDER PHONEMES [OUTPUT] [VOICE] [NOISE]");
  const model = await Model.load((name) => readFile(`${folder}/${name}`));
  const { phonemes: names, voices } = model.config;
  const unknown = [...phonemes].filter((symbol) => !(symbol in names.symbols));
  if (unknown.length) fail(`no phonemes of the model: ${unknown.join(" ")}`);
  if (!(voice in voices)) fail(`unknown voice ${voice}; voices: ${Object.keys(voices).join(", ")}`);
  let random = gaussian(0);
  if (file) {
    const numbers = new Float32Array(new Uint8Array(await readFile(file)).buffer);
    let used = 0;
    random = (count) => numbers.slice(used, (used += count));
  }
  const plan = await model.plan(phonemes, voice, random, 1);
  const samples = await model.sound(await model.mel(plan, random), random);
  await writeFile(output, wav(samples, model.config.mel.sample_rate));
  console.log("frames of each symbol:", plan.durations.join(" "));
}
