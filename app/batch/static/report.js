// Pages, searches and sorts the items, which the page holds as JSON. A row is the URL of its sound,
// whether it has no problems, and one cell a column.
(() => {
  const SHOWN = 50;
  const FIRST = 2; // index of the first cell in a row
  const find = (query) => document.querySelector(query);
  const rows = JSON.parse(find("#rows").textContent);
  const heads = [...document.querySelectorAll("#items th")];
  const words = rows.map((row) => row.slice(FIRST, FIRST + 3).join("\n").toLowerCase());
  const { compare } = new Intl.Collator("en", { numeric: true });
  let kept = rows;
  let page = 0;
  let column = null;
  let up = true;

  const player = (address, name) => {
    const audio = document.createElement("audio");
    Object.assign(audio, { controls: true, preload: "none", src: address });
    audio.setAttribute("aria-label", name);
    return audio;
  };
  const cell = (value, { dataset: { digits, unit }, className }) => {
    const box = document.createElement("td");
    const number = typeof value === "number";
    box.textContent = number ? value.toFixed(digits).replace("-", "\u2212") : value;
    box.className = className;
    if (unit) box.dataset.unit = unit;
    return box;
  };
  const drawn = ([address, well, ...cells]) => {
    const row = document.createElement("tr");
    row.append(...cells.map((value, place) => cell(value, heads[place])));
    if (address) row.firstChild.append(player(address, cells[0]));
    row.firstChild.classList.toggle("amiss", !well);
    row.children[2].classList.add("text");
    return row;
  };

  const sorted = () => {
    if (column === null) return rows;
    const place = column + FIRST;
    const order = (one, other) => typeof one === "number" ? one - other : compare(one, other);
    const known = rows.filter((row) => row[place] !== null);
    known.sort((one, other) => order(one[place], other[place]) * (up ? 1 : -1));
    return [...known, ...rows.filter((row) => row[place] === null)];
  };
  const show = () => {
    const pages = Math.max(1, Math.ceil(kept.length / SHOWN));
    page = Math.min(Math.max(page, 0), pages - 1);
    const from = page * SHOWN;
    const shown = kept.slice(from, from + SHOWN);
    find("#items tbody").replaceChildren(...shown.map(drawn));
    const count = kept.length.toLocaleString("en");
    find("#told").textContent = kept.length ? `${from + 1} to ${from + shown.length} of ${count}` : "None found";
    Object.assign(find("#page"), { value: page + 1, max: pages });
    find("#of").textContent = pages;
    find("#back").disabled = page === 0;
    find("#on").disabled = page === pages - 1;
  };
  const number = new Map(rows.map((row, place) => [row, place]));
  const keep = () => {
    const wanted = find("#search").value.trim().toLowerCase();
    kept = sorted().filter((row) => words[number.get(row)].includes(wanted));
    page = 0;
    show();
  };
  const turn = (to) => { page = to; show(); };

  heads.forEach((head, place) => head.addEventListener("click", () => {
    // ascending, then descending, then the original order
    if (column !== place) [column, up] = [place, true];
    else if (up) up = false;
    else column = null;
    heads.forEach((one) => one.removeAttribute("aria-sort"));
    if (column !== null) head.setAttribute("aria-sort", up ? "ascending" : "descending");
    keep();
  }));
  find("#search").addEventListener("input", keep);
  find("#back").addEventListener("click", () => turn(page - 1));
  find("#on").addEventListener("click", () => turn(page + 1));
  find("#page").addEventListener("change", ({ target }) => turn(Number(target.value) - 1));
  find("#desk").addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("play", ({ target }) => {
    for (const audio of document.querySelectorAll("audio")) if (audio !== target) audio.pause();
  }, true);
  find("#desk").hidden = find("#items").hidden = false;
  keep();
})();
