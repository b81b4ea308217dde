import type { Json } from "../core/json";
import type { ListPage } from "./step-messages";

/** The elements of a list that is fetched page by page, one page ahead; never held whole. Beyond `limit` bytes it throws `tooLarge`. */
export async function* pagedList(
  fetch: (offset: number) => Promise<ListPage>,
  limit: number,
  tooLarge: (bytes: number) => Error,
): AsyncGenerator<Json> {
  let bytes = 0;
  let next: Promise<ListPage> | null = fetch(0);
  while (next) {
    const page: ListPage = await next;
    // On its way while the step works on this one.
    next = page.next === null ? null : fetch(page.next);
    // Its failure is told when its turn comes; until then nobody may call it unhandled.
    next?.catch(() => undefined);
    if (limit !== Infinity) bytes += Buffer.byteLength(JSON.stringify(page.values));
    if (bytes > limit) throw tooLarge(bytes);
    yield* page.values;
  }
}
