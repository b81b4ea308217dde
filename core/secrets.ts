import { DqueueError } from "./errors";
import { type Json, type JsonObject, pointerTo } from "./json";
import { REFERENCE_FORM, replaceReferences, variableOf } from "./secret-reference";

/** Where secrets come from. */
export interface SecretSource {
  /** Whether references may name the variable. */
  allows(variable: string): boolean;
  /** The variables that there are, of those that are allowed. */
  readonly variables: ReadonlyMap<string, string>;
  /** Further texts that are never told, such as the password of a URL. */
  readonly hidden?: readonly string[];
  /** Completes "… allows …", for a variable that is not. */
  readonly allowed: string;
}

const MASK = "***";
/** Shorter texts are found in all that anybody says. */
const MASKED_CHARS = 4;
/** Shorter texts stand in data by chance: they are masked in what people read, and data is left alone. */
const GUARDED_CHARS = 8;

/**
 * What a process knows of secrets: puts them in place of the references to them, masks them in what is told to people,
 * and finds them in what would be stored.
 */
export class Secrets {
  /** The longest text that is masked, in characters; 0: there is none. */
  private readonly longest: number;
  private readonly needles: readonly string[];
  private readonly pattern: RegExp | null;
  private readonly guarded: readonly (readonly [variable: string, text: string])[];

  constructor(private readonly source: SecretSource) {
    const { variables, hidden = [] } = source;
    const texts = [...variables.values()].flatMap(formsOf).concat(hidden);
    this.needles = [...new Set(texts)].filter(({ length }) => length >= MASKED_CHARS).sort(byLength);
    this.longest = this.needles[0]?.length ?? 0;
    this.pattern = this.longest > 0 ? new RegExp(this.needles.map(escaped).join("|"), "g") : null;
    this.guarded = [...variables].filter(([, { length }]) => length >= GUARDED_CHARS);
  }

  /**
   * The config with secrets in place of the references to them; itself where it has none.
   * @throws DqueueError INVALID_SECRET, SECRET_NOT_ALLOWED or SECRET_MISSING, with the pointer of the reference.
   */
  resolve(config: JsonObject): JsonObject {
    return replaceReferences(config, (reference, pointer) => this.valueOf(reference, pointer));
  }

  private valueOf(reference: JsonObject, pointer: string): string {
    const { source } = this;
    const variable = variableOf(reference);
    const refuse = (code: string, problem: string): never => {
      throw new DqueueError(code, `The config refers to a secret at ${pointer}: ${problem}.`, {
        pointer,
        ...(variable !== null && { variable }),
      });
    };
    if (variable === null) return refuse("INVALID_SECRET", `it must be ${REFERENCE_FORM}`);
    if (!source.allows(variable))
      return refuse("SECRET_NOT_ALLOWED", `env:${variable} may not be named; ${source.allowed}`);
    const value = source.variables.get(variable);
    if (value !== undefined) return value;
    return refuse("SECRET_MISSING", `the environment variable ${variable} is not set, or empty, where the step runs`);
  }

  /** The text with `***` in place of each secret. */
  mask(text: string): string {
    const { needles, pattern } = this;
    // Looked for one by one: for a line without any, that is several times faster than the pattern.
    for (let i = 0; i < needles.length; i++) if (text.includes(needles[i]!)) return text.replace(pattern!, MASK);
    return text;
  }

  /** The value with every text in it masked. */
  maskIn(value: Json): Json {
    if (typeof value === "string") return this.mask(value);
    if (this.longest === 0 || typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((one) => this.maskIn(one));
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [this.mask(key), this.maskIn(one)]));
  }

  /** Text that goes on: what of it can be told masked, and what is kept back since a secret may have begun there. */
  maskBegun(text: string): { told: string; kept: string } {
    const masked = this.mask(text);
    let end = Math.max(0, masked.length - Math.max(0, this.longest - 1));
    // Never between the halves of a surrogate pair.
    if (end < masked.length && /[\ud800-\udbff]/.test(masked[end - 1] ?? "")) end--;
    return { told: masked.slice(0, end), kept: masked.slice(end) };
  }

  /** The first place at which a value that is to be stored holds a secret. */
  heldBy(value: Json, pointer = ""): { variable: string; pointer: string } | null {
    if (this.guarded.length === 0) return null;
    if (typeof value === "string") {
      const found = this.guarded.find(([, text]) => value.includes(text));
      return found ? { variable: found[0], pointer } : null;
    }
    if (typeof value !== "object" || value === null) return null;
    for (const [key, inner] of Object.entries(value)) {
      const held = this.heldBy(key, pointer) ?? this.heldBy(inner, pointerTo(pointer, key));
      if (held) return held;
    }
    return null;
  }
}

/** A secret as it may be written: as it is, line by line, within JSON, and within a URL. */
const formsOf = (secret: string): string[] => [
  secret,
  ...secret.split(/\r?\n/),
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
];

const byLength = (a: string, b: string): number => b.length - a.length;
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

/** Of a process that knows none. */
export const NO_SECRETS = new Secrets({ allows: () => false, variables: new Map(), allowed: "none may be" });
