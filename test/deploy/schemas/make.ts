import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/**
 * Makes kubernetes.json of published API descriptions: OpenAPI documents (Kubernetes, OpenShift) and custom resource
 * definitions, as JSON Schema in which every object is closed, of the kinds below and what they refer to.
 *
 *     npx tsx test/deploy/schemas/make.ts swagger.json openapi.json crd.yaml …
 */
const KINDS = [
  "apps/v1/Deployment",
  "apps/v1/StatefulSet",
  "autoscaling/v2/HorizontalPodAutoscaler",
  "batch/v1/Job",
  "gateway.networking.k8s.io/v1/HTTPRoute",
  "image.openshift.io/v1/ImageStream",
  "keda.sh/v1alpha1/ScaledObject",
  "keda.sh/v1alpha1/TriggerAuthentication",
  "monitoring.coreos.com/v1/ServiceMonitor",
  "monitoring.coreos.com/v1/PrometheusRule",
  "networking.k8s.io/v1/Ingress",
  "networking.k8s.io/v1/NetworkPolicy",
  "policy/v1/PodDisruptionBudget",
  "rbac.authorization.k8s.io/v1/Role",
  "rbac.authorization.k8s.io/v1/RoleBinding",
  "route.openshift.io/v1/Route",
  "security.openshift.io/v1/SecurityContextConstraints",
  "v1/ConfigMap",
  "v1/Pod",
  "v1/Secret",
  "v1/Service",
  "v1/ServiceAccount",
];

type Schema = Record<string, any>;
const KEPT = [
  "type",
  "required",
  "enum",
  "pattern",
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
];
const EITHER = { type: ["integer", "string"] };

/** A schema without what validates nothing, closed where it names its properties. */
const closed = (schema: Schema): Schema => {
  if (schema["x-kubernetes-int-or-string"] || schema.format === "int-or-string") return EITHER;
  const kept: Schema = Object.fromEntries(KEPT.filter((key) => key in schema).map((key) => [key, schema[key]]));
  if (schema.nullable) kept.type = [schema.type, "null"];
  if (schema.$ref) kept.$ref = schema.$ref.replace("#/components/schemas/", "#/definitions/");
  if (schema.items) kept.items = closed(schema.items);
  for (const key of ["allOf", "anyOf", "oneOf"]) if (schema[key]) kept[key] = schema[key].map(open);
  if (typeof schema.additionalProperties === "object") kept.additionalProperties = closed(schema.additionalProperties);
  if (schema.properties) {
    kept.properties = mapValues(schema.properties, closed);
    if (!schema.additionalProperties && !schema["x-kubernetes-preserve-unknown-fields"])
      kept.additionalProperties = false;
  }
  return kept;
};

/** Parts that hold beside others say only what they restrict. */
const open = (schema: Schema): Schema => {
  const { additionalProperties: _, ...rest } = closed(schema);
  return schema.properties ? { ...rest, properties: mapValues(schema.properties, open) } : rest;
};

const mapValues = (object: Schema, map: (value: any) => any): Schema =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));

const METADATA = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity";
const definitions: Schema = {};
const roots: Record<string, Schema> = {};

const takeRoot = (apiVersion: string, kind: string, schema: Schema): void => {
  const id = `${apiVersion}/${kind}`;
  if (!KINDS.includes(id)) return;
  const { properties, required = [] } = schema;
  roots[id] = {
    ...schema,
    required: [...new Set(["apiVersion", "kind", "metadata", ...required])],
    properties: {
      ...properties,
      apiVersion: { enum: [apiVersion] },
      kind: { enum: [kind] },
      metadata: { $ref: `#/definitions/${METADATA}` },
    },
  };
};

/** OpenShift's description tells a kind by the name of its Go type alone. */
const kindsByName = (name: string): { group: string; version: string; kind: string }[] => {
  const [, group, version, kind] = /^com\.github\.openshift\.api\.(\w+)\.(\w+)\.(\w+)$/.exec(name) ?? [];
  return group && version && kind ? [{ group: `${group}.openshift.io`, version, kind }] : [];
};

const takeOpenApi = (document: Schema): void => {
  const schemas: Schema = document.definitions ?? document.components.schemas;
  for (const [name, schema] of Object.entries(schemas)) {
    definitions[name] ??= closed(schema);
    for (const { group, version, kind } of schema["x-kubernetes-group-version-kind"] ?? kindsByName(name))
      takeRoot(group ? `${group}/${version}` : version, kind, closed(schema));
  }
};

const takeCrd = ({ spec }: Schema): void => {
  for (const { name, schema } of spec.versions)
    takeRoot(`${spec.group}/${name}`, spec.names.kind, closed(schema.openAPIV3Schema));
};

for (const file of process.argv.slice(2)) {
  const document = parse(readFileSync(file, "utf8")) as Schema;
  if (document.kind === "CustomResourceDefinition") takeCrd(document);
  else takeOpenApi(document);
}
definitions[QUANTITY] = { type: ["string", "number"] };

const missing = KINDS.filter((id) => !roots[id]);
if (missing.length > 0) throw new Error(`None of the files describes ${missing.join(", ")}.`);

const used: Schema = {};
const use = (schema: unknown): void => {
  for (const [, name] of JSON.stringify(schema).matchAll(/"#\/definitions\/([^"]+)"/g)) {
    if (used[name!]) continue;
    used[name!] = definitions[name!];
    use(used[name!]);
  }
};
use(roots);
const sorted = (object: Schema): Schema =>
  Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
const text = JSON.stringify({ kinds: sorted(roots), definitions: sorted(used) });
writeFileSync(join(__dirname, "kubernetes.json"), `${text}\n`);
