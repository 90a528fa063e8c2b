// The text of a take: words light up while they are spoken, and a sentence can be spoken again.

export class Sheet {
  // `again` is called with the number of a sentence.
  constructor(box, again) {
    this.box = box;
    this.tokens = [];
    this.lit = [];
    const chosen = (event) => event.target.closest("[data-line]")?.dataset.line;
    box.addEventListener("click", (event) => {
      const line = chosen(event);
      if (line !== undefined) again(Number(line));
    });
    box.addEventListener("keydown", (event) => this.press(event));
    for (const kind of ["mouseover", "focusin"]) {
      box.addEventListener(kind, (event) => this.underline(chosen(event)));
    }
    for (const kind of ["mouseleave", "focusout"]) box.addEventListener(kind, () => this.underline());
  }

  // Shows the words of a take, of which none are made yet.
  show(take) {
    const focused = this.box.contains(document.activeElement) && document.activeElement.dataset.line;
    this.box.innerHTML = take.sheet;
    this.page = this.box.firstElementChild;
    this.tokens = [...this.box.querySelectorAll("[data-from]")].map((element) => {
      return { element, from: Number(element.dataset.from), to: Number(element.dataset.to) };
    });
    this.lit = [];
    this.length = this.tokens.at(-1)?.to ?? 0;
    this.mark(take);
    this.focus(focused);
  }

  // The words of a take replace those of another, and the focus stays on its sentence.
  focus(line) {
    const button = this.buttons?.find(({ dataset }) => dataset.line === line);
    if (!button) return;
    for (const one of this.buttons) one.setAttribute("tabindex", one === button ? "0" : "-1");
    button.focus({ preventScroll: true });
  }

  // Marks the words that are made, and their sentences.
  mark(take) {
    if (!this.tokens.length) return;
    let next = 0;
    for (const { utterance, words } of take.lines) {
      for (const { from, to } of words) {
        while (next < this.tokens.length && this.tokens[next].to <= from) next++;
        for (let place = next; this.tokens[place]?.from < to; place++) this.tokens[place].element.dataset.line = utterance;
      }
    }
    const { reached } = take;
    for (const { element, from } of this.tokens) element.classList.toggle("unmade", !take.whole && from >= reached);
    this.label();
  }

  // Makes the first word of each sentence a button; Tab reaches one of them, arrows the others.
  label() {
    const sentences = new Map();
    for (const { element } of this.tokens) {
      const { line } = element.dataset;
      if (line !== undefined) sentences.set(line, [...(sentences.get(line) ?? []), element]);
    }
    this.buttons = [...sentences.values()].map((words) => {
      words[0].setAttribute("role", "button");
      words[0].setAttribute("aria-label", `Speak this sentence again: ${words.map((word) => word.textContent).join(" ")}`);
      return words[0];
    });
    if (!this.buttons.some((one) => one.tabIndex === 0)) this.buttons[0]?.setAttribute("tabindex", "0");
  }

  press(event) {
    const place = this.buttons?.indexOf(event.target) ?? -1;
    if (place < 0) return;
    if (["Enter", " "].includes(event.key)) {
      event.preventDefault();
      event.target.click();
      return;
    }
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    const next = this.buttons[place + by];
    if (!next) return;
    event.preventDefault();
    event.target.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  }

  underline(line) {
    for (const { element } of this.tokens) element.classList.toggle("near", line !== undefined && element.dataset.line === line);
  }

  light(word) {
    const wanted = word ? this.tokens.filter(({ from, to }) => from < word.to && to > word.from) : [];
    if (wanted.length === this.lit.length && wanted.every((one, place) => one === this.lit[place])) return;
    for (const { element } of this.lit) element.classList.remove("lit");
    for (const { element } of wanted) element.classList.add("lit");
    this.lit = wanted;
    if (wanted.length) this.scroll(wanted[0].element);
  }

  scroll(element) {
    const low = element.offsetTop - this.page.offsetTop;
    const { scrollTop, clientHeight } = this.page;
    if (low < scrollTop || low > scrollTop + clientHeight - 60) this.page.scrollTop = low - clientHeight / 3;
  }
}
