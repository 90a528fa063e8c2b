// Shows the routes of openapi.json by Swagger UI.

const dark = matchMedia("(prefers-color-scheme: dark)");

function applyScheme() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

dark.onchange = applyScheme;
applyScheme();
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#routes",
  deepLinking: true,
  defaultModelsExpandDepth: -1,
  persistAuthorization: true,
  syntaxHighlight: false,
  validatorUrl: null,
  onComplete: () => (document.documentElement.dataset.ready = ""),
});
