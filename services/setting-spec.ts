import type { z } from "zod";

/** One setting: how its text is read, what to say when that fails, and what holds without it. */
export interface SettingSpec<T> {
  read: z.ZodType<T, string>;
  /** Completes "it must be …". */
  allowed: string;
  fallback: T;
  /** How the fallback reads in documents. */
  fallbackText: string;
  about: string;
  /** True: a URL whose password is never shown; "whole": nothing of it is. */
  secret?: true | "whole";
  /** True: all processes of an installation need the same. */
  shared?: boolean;
}

export const spec = <T>(setting: SettingSpec<T>): SettingSpec<T> => setting;
