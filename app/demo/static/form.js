// The form of the page: sets its fields, and marks those that an error is about.

const find = (query) => document.querySelector(query);
const dialOf = (name) => find(`#dial-${name} input[type=number]`);

// Sets the fields that are given.
export function restore({ text, voice, other, ...dials }) {
  if (text !== undefined) write(find("#text textarea"), text);
  const radio = [...document.querySelectorAll("#voices input")].find(({ value }) => value === voice);
  if (radio && !radio.checked) radio.click();
  if (other !== undefined) write(find("#second select"), other);
  for (const [name, value] of Object.entries(dials)) write(dialOf(name), value ?? "");
}

function write(field, value) {
  if (!field || field.value === `${value}`) return;
  field.value = value;
  for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
}

// The player writes an error into the element with its field as `data-error`: the field is marked,
// and its section is unfolded, until the error goes.
export function markErrors(form) {
  const mark = () => {
    for (const place of form.querySelectorAll("[data-error]")) {
      const field = fieldOf(place.dataset.error);
      if (!field) continue;
      const wrong = Boolean(place.textContent);
      if (wrong) {
        field.setAttribute("aria-invalid", "true");
        field.setAttribute("aria-describedby", place.id);
        field.closest(".gr-accordion")?.querySelector(":scope > button:not(.open)")?.click();
        place.scrollIntoView({ block: "nearest" });
      } else if (field.hasAttribute("aria-invalid")) {
        field.removeAttribute("aria-invalid");
        field.removeAttribute("aria-describedby");
      }
    }
  };
  new MutationObserver(mark).observe(form, { childList: true, subtree: true, characterData: true });
}

function fieldOf(name) {
  if (name === "text") return find("#text textarea");
  if (name === "voice") return find("#voices input:checked");
  return dialOf(name);
}

// Tells screen readers whether a section is unfolded, which Gradio tells by a class alone.
export function markFolds(buttons) {
  for (const button of buttons) {
    const mark = () => button.setAttribute("aria-expanded", button.classList.contains("open"));
    new MutationObserver(mark).observe(button, { attributeFilter: ["class"] });
    mark();
  }
}
