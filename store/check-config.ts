import Ajv2020, { type ErrorObject, type ValidateFunction } from "ajv/dist/2020";
import addFormats from "ajv-formats";
import type { GraphSnapshot, ValidationIssue } from "../core/graph";
import { type JsonObject, pointerTo } from "../core/json";
import { suggestion } from "../core/nearest";
import { acceptingReferences, NO_REFERENCE_HERE, REFERENCE_FORM, referencesIn } from "../core/secret-reference";

const ajv = new Ajv2020({ allErrors: true, strict: false, allowUnionTypes: true, logger: false, verbose: true });
addFormats(ajv);
/** Of a config that is wrong in more places these are told. */
const MOST_ISSUES = 100;
type Validators = WeakMap<GraphSnapshot, ValidateFunction>;
const plain: Validators = new WeakMap();
const withReferences: Validators = new WeakMap();

/** What is wrong with a config by the job's schema (draft 2020-12), 100 issues at most; pointers are relative to the config. */
export const checkConfig = (graph: GraphSnapshot, config: JsonObject): ValidationIssue[] => {
  const references = referencesIn(config);
  if (references.length === 0) return distinct(issuesOf(config, graph, plain));
  const malformed = references.filter(({ variable }) => variable === null).map(({ pointer }) => pointer);
  const issues = issuesOf(config, graph, withReferences).map((issue) => {
    const of = references.find(({ pointer }) => `${issue.pointer}/`.startsWith(`${pointer}/`));
    return of ? { pointer: of.pointer, message: NO_REFERENCE_HERE } : issue;
  });
  const told = malformed.slice(0, MOST_ISSUES).map((pointer) => ({ pointer, message: `must be ${REFERENCE_FORM}` }));
  return distinct([...told, ...issues.filter(({ pointer }) => !malformed.includes(pointer))]);
};

const issuesOf = (config: JsonObject, graph: GraphSnapshot, validators: Validators): ValidationIssue[] => {
  let validate = validators.get(graph);
  if (!validate) {
    // Schemas of two jobs may carry the same $id: each is compiled for itself.
    const { $id: _id, ...schema } = graph.configSchema;
    validate = ajv.compile(validators === plain ? schema : acceptingReferences(schema));
    validators.set(graph, validate);
  }
  // Of a schema with references the other errors tell what is wrong with a value that is none.
  return validate(config)
    ? []
    : validate
        .errors!.filter(({ keyword }) => validators === plain || keyword !== "if")
        .slice(0, MOST_ISSUES)
        .map(issueOf);
};

const distinct = (issues: ValidationIssue[]): ValidationIssue[] => {
  const seen = new Set<string>();
  return issues.filter(
    ({ pointer, message }) => !seen.has(`${pointer} ${message}`) && seen.add(`${pointer} ${message}`),
  );
};

const issueOf = ({
  keyword,
  instancePath,
  message = "is not valid",
  params,
  parentSchema,
}: ErrorObject): ValidationIssue => {
  const { missingProperty, additionalProperty, allowedValues } = params as {
    missingProperty?: string;
    additionalProperty?: string;
    allowedValues?: unknown[];
  };
  const key = missingProperty ?? additionalProperty;
  const pointer = key === undefined ? instancePath : pointerTo(instancePath, key);
  if (missingProperty !== undefined) return { pointer, message: "is required" };
  if (additionalProperty !== undefined) {
    const known = Object.keys((parentSchema?.properties as object | undefined) ?? {});
    return { pointer, message: `is not known to the job${suggestion(additionalProperty, known)}` };
  }
  if (keyword === "enum")
    return { pointer, message: `must be one of ${allowedValues!.map((v) => JSON.stringify(v)).join(", ")}` };
  return { pointer, message };
};
