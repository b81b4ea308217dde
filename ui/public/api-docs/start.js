// The theme of the interface, which /theme.js has read; without a choice, that of the system.
const dark = matchMedia("(prefers-color-scheme: dark)");
const draw = () => {
  const theme = document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");
  document.documentElement.classList.toggle("dark-mode", theme === "dark");
};
draw();
dark.addEventListener("change", draw);

SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  filter: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  // A service of theirs, which would be sent the description.
  validatorUrl: null,
});
