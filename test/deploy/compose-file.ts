import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { parse } from "yaml";
import { ROOT } from "./image";

export interface Service {
  image: string;
  build?: string;
  command?: string[];
  environment?: Record<string, string | number | null>;
  env_file?: { path: string; required: boolean }[];
  profiles?: string[];
  ports?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { disable?: boolean };
  deploy?: { replicas: string };
  stop_grace_period?: string;
}

export interface ComposeFile {
  services: Record<string, Service>;
}

export const composeText = (): string => readFileSync(join(ROOT, "docker-compose.yml"), "utf8");

const VARIABLE = /(?<!\$)\$\{(\w+)(?::-([^}]*))?\}/g;

/** Every variable of the file with what stands in for it, in order of appearance. */
export const variablesOf = (text: string): [name: string, fallback: string][] =>
  [...text.matchAll(VARIABLE)].map(([, name, fallback]) => [name!, fallback ?? ""]);

/** The file as the compose client reads it: variables replaced, merges done. */
export const composeFile = (text = composeText(), variables: Record<string, string> = {}): ComposeFile => {
  const filled = text
    .replace(VARIABLE, (_, name: string, fallback = "") => variables[name] || (fallback as string))
    .replaceAll("$$", "$");
  return parse(filled, { merge: true }) as ComposeFile;
};

const specification = () => {
  const schema = JSON.parse(readFileSync(join(__dirname, "schemas/compose.json"), "utf8")) as object;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addFormat("duration", true);
  return ajv.compile(schema);
};

/** What the compose specification has against it, a line each. */
export const flawsOfCompose = (file: unknown): string[] => {
  const validate = specification();
  if (validate(file)) return [];
  return validate.errors!.map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
};
