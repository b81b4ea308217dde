import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Catalog } from "../core/graph";
import { type BuiltBundle, type CodeBundle, buildBundle } from "../runtime/bundle";
import { describeCode } from "../runtime/describe";
import { type BundleWatch, watchBundle } from "../runtime/watch-bundle";
import { requireHome } from "./home";
import type { Settings } from "./settings";

/** One version of the user's code, ready to be run. */
export interface Code {
  readonly bundle: CodeBundle;
  readonly catalog: Catalog;
  /** Sentences for the author about definitions that were left out. */
  readonly problems: readonly string[];
}

/** Where bundles of the user's code are kept. */
export const bundlesOf = ({ home }: Settings): string => join(home, "bundles");

/** Bundles the code location into the home folder, where each start finds it done. */
export const bundleCode = async (settings: Settings): Promise<BuiltBundle> => {
  if (!existsSync(bundlesOf(settings))) requireHome(settings.home);
  return buildBundle(settings.jobs, bundlesOf(settings));
};

const describe = async (bundle: CodeBundle, { secrets }: Settings): Promise<Code> => ({
  bundle,
  ...(await describeCode(bundle, secrets)),
});

/** The user's code as it is now: loaded at the start, and again at each change where it is watched. */
export class CodeLocation {
  #watch: BundleWatch | null = null;
  #swapping: Promise<void> = Promise.resolve();

  private constructor(
    private readonly settings: Settings,
    private readonly first: BuiltBundle,
    private now: Code,
  ) {}

  /** Fails with a DqueueError that shows the author where the code is broken. */
  static async load(settings: Settings): Promise<CodeLocation> {
    const built = await bundleCode(settings);
    return new CodeLocation(settings, built, await describe(built.bundle, settings));
  }

  get code(): Code {
    return this.now;
  }

  /** Calls `changed` with each new version, one after the other; `failed` for one that is broken: the last stays. */
  watch(tell: { changed(code: Code): Promise<void>; failed(error: unknown): void }): void {
    const swap = async (bundle: CodeBundle): Promise<void> => {
      try {
        const code = await describe(bundle, this.settings);
        this.now = code;
        await tell.changed(code);
      } catch (error) {
        tell.failed(error);
      }
    };
    this.#watch = watchBundle(this.settings.jobs, bundlesOf(this.settings), this.first, {
      changed: (bundle) => void (this.#swapping = this.#swapping.then(() => swap(bundle))),
      failed: tell.failed,
    });
  }

  async close(): Promise<void> {
    await this.#watch?.close();
    await this.#swapping;
  }
}
