import { branded } from "./brand";
import { checkDefinition } from "./checks";
import type { OptionNames } from "./options";

/** Something that steps share and that is made once per step process: a client, a connection pool, a model. */
export interface Resource<T> {
  readonly name: string;
  readonly setUp: () => T | Promise<T>;
  readonly tearDown: ((value: T) => unknown) | null;
}
/** A resource of whatever value. */
export type AnyResource = Pick<Resource<unknown>, "name" | "setUp"> & {
  readonly tearDown: ((value: never) => unknown) | null;
};

const RESOURCE_OPTIONS: OptionNames<Resource<unknown>> = { name: true, setUp: true, tearDown: true };

/**
 * Declares a resource. `setUp` runs in each step process before the first step that names it, `tearDown` when that
 * process ends in good order (not when it is killed).
 */
export const resource = <T>(definition: {
  name: string;
  setUp: () => T | Promise<T>;
  tearDown?: (value: T) => unknown;
}): Resource<T> => {
  checkDefinition("resource", definition, RESOURCE_OPTIONS);
  return branded("resource", { name: definition.name, setUp: definition.setUp, tearDown: definition.tearDown ?? null });
};

export type ResourceSpec = { readonly [name: string]: AnyResource };
export type ResourcesOf<R extends ResourceSpec> = {
  readonly [K in keyof R]: Awaited<ReturnType<R[K]["setUp"]>>;
};

/** The resources of one step process: each is set up at its first use, and once. */
export class ResourcePool {
  private readonly made = new Map<AnyResource, Promise<unknown>>();

  /** @param overrides by resource name: used in place of what `setUp` would make (tests). */
  constructor(private readonly overrides: Readonly<Record<string, unknown>> = {}) {}

  /** The values of an op's resources. @throws what a `setUp` throws; the next step tries again. */
  async get(spec: ResourceSpec): Promise<Record<string, unknown>> {
    const entries = await Promise.all(
      Object.entries(spec).map(async ([key, one]) => [key, await this.one(one)] as const),
    );
    return Object.fromEntries(entries);
  }

  /** Tears all down, last made first; every one gets its turn. @throws AggregateError of what failed. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const [one, value] of [...this.made].reverse()) {
      try {
        await one.tearDown?.((await value) as never);
      } catch (error) {
        failures.push(error);
      }
    }
    this.made.clear();
    if (failures.length > 0) throw new AggregateError(failures, "Resources could not be torn down");
  }

  private one(one: AnyResource): Promise<unknown> {
    if (Object.hasOwn(this.overrides, one.name)) return Promise.resolve(this.overrides[one.name]);
    let value = this.made.get(one);
    if (!value) {
      value = Promise.resolve().then(() => one.setUp());
      this.made.set(one, value);
      value.catch(() => this.made.delete(one));
    }
    return value;
  }
}
