// The arrows of the architecture. `node test/gate/layers.ts` reads this file and words each violation as
// "<importer> imports <imported>: <comment>".

/** Tests and what only tests use: `codec.test.ts`, `home.testing.ts`, `folder.fixture.ts`, `test-database.ts`. */
const TEST_FILE = "(\\.(test|testing|fixture)|/test-[^/]+)\\.ts$";
const EVENTS_AND_ERRORS = "^packages/(events|errors)/";
const WORKSPACE = "^(packages|services|streams|test)/";

/** One refused arrow. */
const rule = (name, comment, from, to) => ({ name, severity: "error", comment, from, to });

export default {
  forbidden: [
    rule(
      "services-meet-on-the-wire",
      "services meet only on the wire; add an event to packages/events",
      { path: "^services/([^/]+)/" },
      { path: "^services/", pathNot: "^services/$1/" },
    ),
    rule(
      "errors-import-nothing",
      "errors stand below everything; hand what they need to them as facts",
      { path: "^packages/errors/", pathNot: TEST_FILE },
      { pathNot: "^packages/errors/" },
    ),
    rule(
      "events-import-errors-only",
      "events are the contract that everyone reads; move what needs more to the package that needs it",
      { path: "^packages/events/" },
      { path: WORKSPACE, pathNot: EVENTS_AND_ERRORS },
    ),
    rule(
      "streams-import-events-only",
      "streams are data; put what acts on them into packages/runtime",
      { path: "^streams/" },
      { path: WORKSPACE, pathNot: "^(streams|packages/events)/" },
    ),
    rule(
      "runtime-stands-below-services",
      "the runtime knows events, errors and streams only; hand it in through defineService",
      { path: "^packages/runtime/" },
      { path: WORKSPACE, pathNot: "^(packages/(runtime|events|errors)|streams)/" },
    ),
    rule(
      "shared-packages-stand-alone",
      "models, store and media know events and errors only; declare the small interface you need and let the caller hand it in",
      { path: "^packages/(models|store|media)/" },
      { path: WORKSPACE, pathNot: ["^packages/(events|errors)/", "^packages/$1/"] },
    ),
    rule(
      "retrieval-stands-on-models-and-store",
      "retrieval knows models, store, events and errors only; hand it in, or put what acts on it into a service",
      { path: "^packages/retrieval/" },
      { path: WORKSPACE, pathNot: "^packages/(retrieval|models|store|events|errors)/" },
    ),
    rule(
      "services-do-not-know-who-runs-them",
      "a service is a value that cli, local, demo and test run; hand it in through its config or start(deps)",
      { path: "^services/", pathNot: TEST_FILE },
      { path: "^(packages/(cli|local|demo)|test)/" },
    ),
    rule(
      "tests-of-services-may-start-servers",
      "a service's test may start real servers with packages/local, and nothing else above it",
      { path: "^services/" },
      { path: "^(packages/(cli|demo)|test)/" },
    ),
    rule(
      "nothing-imports-test",
      "test stands above everything; move what is shared into a package",
      { pathNot: "^test/" },
      { path: "^test/" },
    ),
    rule(
      "nats-behind-the-bus",
      "only packages/runtime, packages/cli and test speak to NATS; ask for the runtime's Bus",
      { pathNot: "^(packages/(runtime|cli)|test)/" },
      { path: "@nats-io/" },
    ),
    rule(
      "front-door-only",
      "a package is entered through its mod.ts (a service through service.ts or config.ts); export it there",
      { path: "^((?:packages|services)/[^/]+|streams|test)/" },
      {
        path: WORKSPACE,
        pathNot: ["^$1/", "^(packages/[^/]+|streams)/src/mod\\.ts$", "^services/[^/]+/src/(service|config)\\.ts$"],
      },
    ),
    rule(
      "no-cycles",
      "arrows point one way; move what both need into a third file",
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    ),
    rule(
      "sources-do-not-import-tests",
      "a source file never needs a test; move what is shared into a source file",
      { pathNot: TEST_FILE },
      { path: TEST_FILE },
    ),
    rule(
      "sources-need-dependencies",
      "it is not there when the product is installed with --prod; declare it under dependencies of its package.json",
      { path: "^(packages|services|streams)/", pathNot: TEST_FILE },
      { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only"] },
    ),
    rule(
      "imports-exist",
      "nothing is there; declare it in the package.json and install, or correct the path",
      {},
      { couldNotResolve: true },
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "\\.gen\\.ts$" },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "types", "default"],
      extensions: [".ts", ".tsx", ".mts", ".mjs", ".js", ".json", ".d.ts"],
    },
    outputType: "err-long",
  },
};
