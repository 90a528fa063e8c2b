// The cards of the voices: the value of the component is the voice whose radio button is checked.
// Gradio calls this with `element`, `props`, `trigger` and `watch` of the component.
const show = () => {
  for (const radio of element.querySelectorAll("input[type=radio]")) {
    radio.checked = radio.value === props.value;
  }
  element.querySelector("legend strong").textContent = props.value;
};

element.addEventListener("change", ({ target }) => {
  if (target.type !== "radio") return;
  props.value = target.value;
  show();
  trigger("change");
});
watch("value", show);
