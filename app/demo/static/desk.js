// An example that is pressed is written into the text field and spoken.
(() => {
  const find = (query) => document.querySelector(query);

  const write = (text) => {
    const field = find("#text textarea");
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  document.addEventListener("click", ({ target }) => {
    const { example } = target.closest("[data-example]")?.dataset ?? {};
    if (example === undefined) return;
    write(example);
    setTimeout(() => find("#speak").click()); // once Gradio has taken in the text
  });
})();
