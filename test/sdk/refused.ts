import { DqueueError } from "../../core/errors";

/** What a definition was refused with. */
export const refused = (
  define: () => unknown,
): { code: string; message: string; job?: unknown; op?: unknown; field?: unknown; fix?: unknown } => {
  try {
    define();
  } catch (error) {
    if (error instanceof DqueueError) return { ...error.details, code: error.code, message: error.message };
    throw error;
  }
  throw new Error("It was not refused");
};
