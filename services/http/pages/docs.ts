/** The API's description for people: drawn from openapi.json, nothing is loaded from elsewhere. */
export const DOCS_HTML = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>dqueue API</title>
  <link rel="icon" href="/favicon.svg">
  <link rel="stylesheet" href="/api/docs.css">
  <script src="/api/docs.js" defer></script>
</head>
<body>
  <main>
    <header>
      <h1>dqueue API</h1>
      <span class="quiet" id="about"></span>
      <nav aria-label="Pages"><a href="/">dqueue</a> <a href="/api/openapi.json">openapi.json</a></nav>
    </header>
    <div id="operations"></div>
  </main>
</body>
</html>
`;

export const DOCS_JS = `"use strict";
const element = (name, properties, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};
const resolved = (schema, schemas, depth = 0) => {
  if (Array.isArray(schema)) return schema.map((one) => resolved(one, schemas, depth));
  if (schema === null || typeof schema !== "object") return schema;
  if (schema.$ref && depth < 4) return resolved(schemas[schema.$ref.split("/").at(-1)], schemas, depth + 1);
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, resolved(value, schemas, depth)]));
};
const schemaOf = ({ content = {} }) => Object.values(content)[0]?.schema;

const operation = (method, path, of, schemas) => {
  const body = element("details", {}, element("summary", {},
    element("span", { className: "method mono", textContent: method.toUpperCase() }),
    element("span", { className: "mono", textContent: path + " " }),
    element("span", { className: "quiet", textContent: of.summary })));
  if (of.description) body.append(element("p", { textContent: of.description }));
  if (of.parameters.length > 0) {
    const rows = of.parameters.map(({ name, in: place, description = "", schema }) => element("tr", {},
      element("td", { className: "mono", textContent: name }), element("td", { textContent: place }),
      element("td", { className: "mono", textContent: schema.type ?? "" }), element("td", { textContent: description })));
    body.append(element("h2", { textContent: "Parameters" }), element("table", {}, element("tbody", {}, ...rows)));
  }
  const show = (title, schema) => schema && body.append(element("h2", { textContent: title }),
    element("pre", {}, element("code", { textContent: JSON.stringify(resolved(schema, schemas), null, 2) })));
  if (of.requestBody) show("Body", schemaOf(of.requestBody));
  for (const [status, reply] of Object.entries(of.responses)) {
    if (Number(status) < 300) show(status + " " + reply.description, schemaOf(reply));
    else body.append(element("p", {}, element("b", { textContent: status + " " }), reply.description));
  }
  return body;
};

fetch("/api/openapi.json").then((response) => response.json()).then(({ info, paths, components }) => {
  document.getElementById("about").textContent = "Version " + info.version;
  const byTag = new Map();
  for (const [path, methods] of Object.entries(paths))
    for (const [method, of] of Object.entries(methods)) {
      const group = byTag.get(of.tags[0]) ?? [];
      byTag.set(of.tags[0], group);
      group.push(operation(method, path, of, components.schemas));
    }
  for (const [tag, operations] of byTag)
    document.getElementById("operations").append(element("h2", { textContent: tag }),
      element("section", { className: "sheet" }, ...operations));
});
`;
