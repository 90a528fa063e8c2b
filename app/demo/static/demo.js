// Highlights words while they are spoken; Ctrl+Enter speaks. The server sends the times, a line a
// word: its sentence, its start and end in the text, and its start and end in seconds.
(() => {
  const PRIMING = 1024 / 24000; // seconds of silence that begin a stream of AAC
  const find = (query) => document.querySelector(query);
  const known = { live: { text: "", words: [] }, whole: { text: "", words: [] } };
  let clicked = 0;
  let lit = [];

  const read = (name) => {
    const text = find(`#${name}-times`)?.textContent ?? "";
    if (known[name].text !== text) {
      const words = text.trim().split("\n").filter(Boolean).map((row) => {
        const [line, from, to, start, end] = row.trim().split(" ").map(Number);
        return { line, from, to, start, end };
      });
      known[name] = { text, words };
      mark(words);
    }
    return known[name].words;
  };

  // Gradio may put a new text into the old elements
  let box = null;
  let sheet = null;
  let tokens = [];
  let stale = true;
  let expected = null; // the text that the sheet shows, or soon will
  const watch = new MutationObserver((changes) => {
    // Gradio shows its progress next to the text
    stale ||= changes.some(({ target }) => (target.closest ? target : target.parentElement)?.closest(".html-container"));
  });
  const look = () => {
    if (!box?.isConnected) {
      box = find("#sheet");
      if (!box) return;
      watch.disconnect();
      watch.observe(box, { childList: true, subtree: true, characterData: true });
      stale = true;
    }
    if (!stale && (!sheet || sheet.isConnected)) return;
    stale = false;
    sheet = box.querySelector(".sheet");
    tokens = sheet ? [...sheet.querySelectorAll("[data-from]")] : [];
    for (const token of tokens) {
      ["data-line", "tabindex", "role", "aria-label"].forEach((name) => token.removeAttribute(name));
      token.classList.remove("lit", "near");
    }
    lit = [];
    Object.values(known).forEach((one) => { one.text = ""; });
  };
  // The times of a new text must not highlight words of the old one, which is still shown.
  const expect = (text) => {
    if (text !== expected) tokens = [];
    expected = text;
  };
  const within = (word) => (token) => token.dataset.from < word.to && token.dataset.to > word.from;

  const mark = (words) => {
    let unmarked = tokens;
    for (const word of words) {
      unmarked = unmarked.slice(Math.max(0, unmarked.findIndex((one) => one.dataset.to > word.from)));
      for (const token of unmarked) {
        if (!(token.dataset.from < word.to)) break;
        if (token.dataset.line !== `${word.line}`) token.dataset.line = word.line;
      }
    }
    const sentences = new Map();
    for (const token of tokens) {
      const { line } = token.dataset;
      if (line !== undefined) sentences.set(line, [...(sentences.get(line) ?? []), token]);
    }
    for (const sentence of sentences.values()) {
      const said = sentence.map((one) => one.textContent).join(" ");
      sentence[0].tabIndex = 0;
      sentence[0].setAttribute("role", "button");
      sentence[0].setAttribute("aria-label", `Speak this sentence with another seed: ${said}`);
    }
  };

  let whole = null; // the audio element of the player with a waveform is in a shadow root
  const players = () => {
    if (!whole?.isConnected) {
      whole = [...document.querySelectorAll("#whole #waveform *")]
        .map((one) => one.shadowRoot?.querySelector("audio")).find(Boolean) ?? null;
    }
    return { live: find("#live audio"), whole };
  };

  const light = (name, time) => {
    const word = read(name).find((one) => one.start <= time && time < one.end);
    const wanted = word ? tokens.filter(within(word)) : [];
    if (wanted.length === lit.length && wanted.every((one, place) => one === lit[place])) return;
    lit.forEach((one) => one.classList.remove("lit"));
    wanted.forEach((one) => one.classList.add("lit"));
    lit = wanted;
    if (wanted.length && sheet) {
      const low = wanted[0].offsetTop - sheet.offsetTop;
      if (low < sheet.scrollTop || low > sheet.scrollTop + sheet.clientHeight - 60) {
        sheet.scrollTop = low - sheet.clientHeight / 3;
      }
    }
  };

  const tell = (time) => {
    const first = read("live")[0];
    if (clicked && first && time >= first.start) {
      const heard = find("#heard .figure");
      if (heard) heard.innerHTML = `Heard <b>${Math.round(performance.now() - clicked)} ms</b> after the click.`;
      clicked = 0;
    }
  };

  const follow = () => {
    look();
    const { live, whole } = players();
    const playing = live && !live.paused && live.currentTime > 0;
    find("#live")?.classList.toggle("over", !live || live.ended || !live.currentSrc);
    if (playing) {
      light("live", live.currentTime - PRIMING);
      tell(live.currentTime - PRIMING);
    } else if (whole && !whole.paused) {
      light("whole", whole.currentTime);
    } else {
      read("live");
      lit.forEach((one) => one.classList.remove("lit"));
      lit = [];
    }
    requestAnimationFrame(follow);
  };

  const near = (event) => {
    const line = event.target.closest?.("#sheet [data-line]")?.dataset.line;
    tokens.forEach((one) => one.classList.toggle("near", line !== undefined && one.dataset.line === line));
  };
  document.addEventListener("mouseover", near);
  document.addEventListener("focusin", near);

  const quiet = () => Object.values(players()).forEach((one) => one?.pause());

  // One request at a time. A click during a request stops it and comes next; before audio plays
  // there may be nothing to stop, and the click is ignored.
  let asking = false;
  let sounding = false;
  let stopping = 0; // events that Gradio still sends after a stop: failed, over, failed
  let patience = 0;
  let next = null;

  document.addEventListener("click", (event) => {
    if (event.target.closest("#stop")) {
      quiet();
      clicked = 0;
      next = null;
      if (asking && !stopping) {
        stopping = 3;
        patience = setTimeout(end, 1000, true);
      }
    }
    const pressed = event.target.closest("#speak, #sheet [data-line]");
    if (!pressed) return;
    if (asking) {
      event.stopImmediatePropagation();
      if (!sounding) return;
      find("#stop").click();
      next = pressed;
    } else {
      quiet();
      clicked = performance.now();
      asking = true;
      sounding = false;
      if (pressed.id === "speak") expect(find("#text textarea").value);
    }
  }, true);

  document.addEventListener("playing", (event) => { sounding ||= !!event.target.closest("#live"); }, true);

  const end = (failed) => {
    if (failed) {
      clicked = 0;
      expected = null;
      stale ||= !tokens.length;
    }
    const pressed = next;
    clearTimeout(patience);
    asking = false;
    stopping = 0;
    next = null;
    setTimeout(() => pressed?.click());
  };

  addEventListener("over", ({ detail }) => {
    if (!stopping) end(detail === "failed");
    else if (!--stopping) end(true);
  });

  // Dragging a file over the page opens the box for files; a drop outside it does nothing.
  document.addEventListener("dragenter", ({ dataTransfer }) => {
    if (dataTransfer?.types.includes("Files")) find("#book > button:not(.open)")?.click();
  });
  for (const name of ["dragover", "drop"]) {
    document.addEventListener(name, (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!event.repeat) find("#speak")?.click();
    } else if (["Enter", " "].includes(event.key) && event.target.matches?.("#sheet [data-line]")) {
      event.preventDefault();
      event.target.click();
    }
  }, true);

  requestAnimationFrame(follow);
})();
