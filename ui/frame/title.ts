import { useEffect } from "react";
import { type Status, toneOf, wordOf } from "../parts/status";

const mark = (colour: string | null): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 22 22"><rect width="22" height="22" rx="6" fill="#17181f"/>` +
  `<rect x="4.5" y="5.5" width="7" height="2.6" rx="1.3" fill="#fff"/>` +
  `<rect x="7.5" y="9.7" width="10" height="2.6" rx="1.3" fill="#9a8cff"/>` +
  `<rect x="4.5" y="13.9" width="8.5" height="2.6" rx="1.3" fill="#fff"/>` +
  (colour === null ? "" : `<circle cx="16.5" cy="16.5" r="5" fill="${colour}" stroke="#17181f" stroke-width="1.5"/>`) +
  `</svg>`;

/** Names the tab. With a status, that of the run that is shown, the icon carries its colour. */
export const useTitle = (title: string, status: Status | null = null): void =>
  useEffect(() => {
    document.title = `${status === null ? "" : `${wordOf(status)} · `}${title} · dqueue`;
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')!;
    const colour =
      status &&
      getComputedStyle(document.documentElement)
        .getPropertyValue(`--${toneOf(status)}`)
        .trim();
    icon.href = colour === null ? "/favicon.svg" : `data:image/svg+xml,${encodeURIComponent(mark(colour))}`;
  }, [title, status]);
