/** The floors of the house: each may only use the floors named here. See ARCHITECTURE.md. */
const floors = {
  core: [],
  sdk: ["core"],
  store: ["core"],
  bus: ["core"],
  runtime: ["core", "sdk"],
  worker: ["core", "runtime"],
  coordinator: ["core"],
  sensors: ["core"],
  client: [],
  ui: ["client"],
  testing: ["client", "sdk", "services"],
  jobs: ["sdk"],
  init: ["sdk", "testing"],
  cli: ["client", "core", "services"],
};

module.exports = {
  forbidden: [
    {
      name: "no-circles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    { name: "core-is-pure", severity: "error", from: { path: "^core/" }, to: { pathNot: "^core/" } },
    { name: "nothing-imports-tests", severity: "error", from: { pathNot: "^test/" }, to: { path: "^test/" } },
    { name: "the-server-knows-no-ui", severity: "error", from: { pathNot: "^(ui|test)/" }, to: { path: "^ui/" } },
    {
      name: "services-do-not-import-each-other",
      severity: "error",
      from: { path: "^services/([^/]+)\\.service\\.ts$" },
      to: { path: "^services/[^/]+\\.service\\.ts$", pathNot: "^services/$1\\.service\\.ts$" },
    },
    {
      name: "processes-of-user-code-are-guarded",
      comment: "runtime/user-process.ts starts them, so that none outlives its parent",
      severity: "error",
      from: { pathNot: "^(runtime/(user-process|orphan-guard)|sdk/command-(process|watch))\\.ts$|^(test|bench)/" },
      to: { path: "^child_process$", dependencyTypesNot: ["type-only"] },
    },
    ...Object.entries(floors).map(([floor, allowed]) => ({
      name: `floor-${floor}`,
      severity: "error",
      from: { path: `^${floor}/` },
      to: {
        path: "^[a-z]+/",
        pathNot: `^(${[floor, ...allowed, "node_modules"].join("|")})/`,
        dependencyTypesNot: ["npm", "core"],
      },
    })),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|coverage)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
  },
};
