/** The script by whose name a build of the interface is known. */
const ENTRY = /\/assets\/index-[\w-]+\.js/;
const RENEWED = "dqueue.renewed";

let failed = false;

/**
 * Loads a chunk, anew if it could not be had before. Where the server has another build of the interface by now, the
 * document is loaded anew instead, once.
 * @throws what kept it away.
 */
export const loadChunk = async <T>(load: () => Promise<T>): Promise<T> => {
  try {
    if (failed) await loadStyles();
    return await load();
  } catch (error) {
    failed = true;
    if (await isOfAnotherBuild()) return new Promise<never>(() => location.reload());
    throw error;
  }
};

/** Style sheets that could not be had: the bundler asks for each but once. */
const loadStyles = async (): Promise<void> => {
  const links = [...document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]")].filter(({ sheet }) => !sheet);
  await Promise.all(links.map(loadStyle));
};

const loadStyle = (link: HTMLLinkElement): Promise<void> =>
  new Promise((resolve, reject) => {
    const next = link.cloneNode() as HTMLLinkElement;
    next.onload = () => resolve();
    next.onerror = () => reject(new Error(`${link.href} could not be loaded`));
    link.replaceWith(next);
  });

/** Whether the server's interface is another one than this document's, and the document was not loaded anew for it yet. */
const isOfAnotherBuild = async (): Promise<boolean> => {
  const theirs = await fetch("/", { cache: "no-store" }).then(
    async (response) => ENTRY.exec(await response.text())?.[0],
    () => undefined,
  );
  if (theirs === undefined || document.querySelector(`script[src$="${theirs}"]`)) return false;
  try {
    if (sessionStorage.getItem(RENEWED) === theirs) return false;
    sessionStorage.setItem(RENEWED, theirs);
    return true;
  } catch {
    // No storage: nothing would end a circle of reloads.
    return false;
  }
};
