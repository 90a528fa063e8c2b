// Connects the form, the examples and the history of takes to the player.

import { markErrors, markFolds, restore } from "./form.js";
import { History } from "./history.js";

const find = (query) => document.querySelector(query);

async function appear(query) {
  while (!find(query)) await new Promise(requestAnimationFrame);
  return find(query);
}

markErrors(await appear("#compose"));
markFolds(await appear("#comparison > button") && document.querySelectorAll(".gr-accordion > button"));

const box = await appear("#takes [data-usual]");
const history = new History(box, JSON.parse(box.dataset.usual), (take) => {
  restore({ ...JSON.parse(box.dataset.usual), ...take.request });
  window.player.play(take);
});
document.addEventListener("take", ({ detail }) => detail.aside || history.add(detail));

// An example is written into the text field, and spoken once Gradio has taken it in.
document.addEventListener("click", ({ target }) => {
  const { example } = target.closest("[data-example]")?.dataset ?? {};
  if (example === undefined) return;
  restore({ text: example });
  find("#speak").focus({ preventScroll: true }); // the examples go
  setTimeout(() => find("#speak").click());
});
