// Shows the routes of openapi.json by Swagger UI.

const dark = matchMedia("(prefers-color-scheme: dark)");
const addresses = new WeakMap(); // of sounds

function applyScheme() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

// Swagger UI gives the choice of an example no name for screen readers, and plays a sound from the
// address of the route, which answers only to POST.
const mendParts = ({ React }) => ({
  wrapComponents: {
    ExamplesSelect: (Select) => (properties) => {
      const name = React.createElement("span", { className: "visually-hidden" }, "Example");
      return React.createElement("label", null, name, React.createElement(Select, properties));
    },
    responseBody: (Body) => (properties) =>
      React.createElement(Body, { ...properties, url: soundOf(properties) }),
  },
});

function soundOf({ content, url }) {
  if (!(content instanceof Blob)) return url;
  if (!addresses.has(content)) addresses.set(content, URL.createObjectURL(content));
  return addresses.get(content);
}

dark.onchange = applyScheme;
applyScheme();
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#routes",
  deepLinking: true,
  defaultModelsExpandDepth: -1,
  persistAuthorization: true,
  plugins: [mendParts],
  syntaxHighlight: false,
  validatorUrl: null,
  onComplete: () => (document.documentElement.dataset.ready = ""),
});
