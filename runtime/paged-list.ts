import type { Json } from "../core/json";
import type { ListPage } from "./step-messages";

/** The elements of a list that is fetched page by page; never held whole. Beyond `limit` bytes it throws `tooLarge`. */
export async function* pagedList(
  fetch: (offset: number) => Promise<ListPage>,
  limit: number,
  tooLarge: (bytes: number) => Error,
): AsyncGenerator<Json> {
  let bytes = 0;
  for (let offset: number | null = 0; offset !== null;) {
    const page: ListPage = await fetch(offset);
    if (limit !== Infinity) bytes += Buffer.byteLength(JSON.stringify(page.values));
    if (bytes > limit) throw tooLarge(bytes);
    yield* page.values;
    offset = page.next;
  }
}
