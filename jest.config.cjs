const { availableParallelism } = require("node:os");

/** Tests run from the TypeScript sources; the processes that they start run the build in dist/. */
module.exports = {
  testEnvironment: "node",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  transform: {
    // Modules that Node itself can require, and jest cannot.
    "node_modules/(openid-client|oauth4webapi|jose|@opentelemetry/otlp-exporter-base)/.+\\.js$": [
      "@swc/jest",
      { jsc: { target: "es2022" }, module: { type: "commonjs" } },
    ],
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: { parser: { syntax: "typescript" }, target: "es2022" },
        module: { type: "commonjs" },
        sourceMaps: "inline",
      },
    ],
  },
  transformIgnorePatterns: ["/node_modules/(?!(openid-client|oauth4webapi|jose|@opentelemetry/otlp-exporter-base)/)"],
  moduleNameMapper: {
    // As the runtime does for a code location.
    "^dqueue$": "<rootDir>/sdk/index.ts",
    // Of the client, what is loaded late is named as it will be built.
    "^(\\./(?:bulk|follow-run|log-lines|patience|run-output|stream))\\.js$": "$1",
  },
  modulePathIgnorePatterns: ["<rootDir>/dist/"],
  globalSetup: "<rootDir>/test/support/shared-servers.ts",
  globalTeardown: "<rootDir>/test/support/shared-servers-end.ts",
  // A busy machine is slow, not wrong: what ends a test is what it waits for. Only one that hangs meets this.
  testTimeout: 120_000,
  // Most tests wait for processes and servers: one file a core leaves half of the cores idle.
  maxWorkers: availableParallelism() + 1,
  // The bundler keeps a service process for each test file that has bundled something; it would keep jest waiting.
  forceExit: true,
  // With --coverage: the state machine has no branch that no behaviour reaches.
  collectCoverageFrom: ["core/**/*.ts"],
  coverageThreshold: { "./core/": { branches: 100 } },
};
