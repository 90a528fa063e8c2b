// Dragging a file over the page opens the box for files; a drop outside it does nothing.
(() => {
  const carriesFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");

  document.addEventListener("dragenter", (event) => {
    if (carriesFiles(event)) document.querySelector("#book > button:not(.open)")?.click();
  });
  for (const name of ["dragover", "drop"]) {
    document.addEventListener(name, (event) => {
      if (carriesFiles(event)) event.preventDefault();
    });
  }
})();
