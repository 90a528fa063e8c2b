// Filters and sorts the findings, and sorts the table of clips. Without it, the page has all of them.
(() => {
  const find = (query) => document.querySelector(query);
  const all = (query) => [...document.querySelectorAll(query)];
  const { compare } = new Intl.Collator("en", { numeric: true });

  const findings = all("#findings li[data-kind]");
  const buttons = all("#kinds button");
  const kinds = buttons.map((button) => button.dataset.kind);
  const orders = {
    severity: () => 0, // as they are in the page
    clip: (one, other) => compare(one.dataset.clip, other.dataset.clip),
    kind: (one, other) => kinds.indexOf(one.dataset.kind) - kinds.indexOf(other.dataset.kind),
  };
  const show = () => {
    const chosen = new Set(buttons.filter((button) => button.ariaPressed === "true").map((button) => button.dataset.kind));
    for (const item of findings) item.hidden = chosen.size > 0 && !chosen.has(item.dataset.kind);
    const sorted = [...findings].sort(orders[find("#order").value]);
    if (sorted.length) find("#findings").replaceChildren(...sorted);
    const shown = findings.filter((item) => !item.hidden).length;
    find("#shown").textContent = `${shown} of ${findings.length}`;
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      button.ariaPressed = String(button.ariaPressed !== "true");
      show();
    });
  }
  find("#order").addEventListener("change", show);
  find("#desk").hidden = findings.length < 2;
  if (findings.length) show();

  const heads = all("#clips th");
  const rows = all("#clips tbody tr");
  const value = (row, place) => {
    if (place === 0) return row.cells[0].querySelector("b").textContent;
    const shown = row.cells[place].dataset.value;
    return shown === undefined ? null : Number(shown);
  };
  heads.forEach((head, place) => head.addEventListener("click", () => {
    const up = head.ariaSort !== "ascending";
    heads.forEach((one) => one.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const known = rows.filter((row) => value(row, place) !== null);
    const order = (one, other) => place === 0 ? compare(one, other) : one - other;
    known.sort((one, other) => order(value(one, place), value(other, place)) * (up ? 1 : -1));
    find("#clips tbody").replaceChildren(...known, ...rows.filter((row) => value(row, place) === null));
  }));
  document.addEventListener("play", ({ target }) => {
    for (const audio of all("audio")) if (audio !== target) audio.pause();
  }, true);
})();
