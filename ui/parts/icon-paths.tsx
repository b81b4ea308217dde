import type { ReactNode } from "react";

/** Drawn on 16 by 16 with a stroke of 1.4 in the colour of the text. */
export const ICON_PATHS = {
  contrast: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
    </>
  ),
  more: (
    <>
      <circle cx="3.5" cy="8" r="1.1" fill="currentColor" stroke="none" />
      <circle cx="8" cy="8" r="1.1" fill="currentColor" stroke="none" />
      <circle cx="12.5" cy="8" r="1.1" fill="currentColor" stroke="none" />
    </>
  ),
  takeover: <path d="M2.5 5.25h8.5M8.25 2.5L11 5.25 8.25 8M13.5 10.75H5M7.75 8L5 10.75l2.75 2.75" />,
  lock: (
    <>
      <rect x="3.25" y="7" width="9.5" height="6.75" rx="1.5" />
      <path d="M5.25 7V5a2.75 2.75 0 0 1 5.5 0v2" />
    </>
  ),
  backfills: (
    <>
      <rect x="2.25" y="2.25" width="4.75" height="4.75" rx="1" />
      <rect x="9" y="2.25" width="4.75" height="4.75" rx="1" />
      <rect x="2.25" y="9" width="4.75" height="4.75" rx="1" />
      <path d="M9.5 11.4h4M11.5 9.4v4" />
    </>
  ),
  fold: <path d="M5.5 2.5L4 5l3 2.5L5.5 10 7 13.5M10.5 2.5L9 5l3 2.5-1.5 2.5 1.5 3.5" />,
  overview: <path d="M1.75 9h2.5L6 4l3.2 8.5L11.3 7l.9 2h2.05" />,
  runs: (
    <>
      <path d="M2 4h6.5M2 8h4M2 12h4" />
      <path d="M9.25 7.4v5.2L13.75 10z" fill="currentColor" strokeLinejoin="round" />
    </>
  ),
  jobs: (
    <>
      <rect x="1.75" y="6" width="4" height="4" rx="1" />
      <rect x="10.25" y="2.25" width="4" height="4" rx="1" />
      <rect x="10.25" y="9.75" width="4" height="4" rx="1" />
      <path d="M5.75 8H8M10.25 4.25H9a1 1 0 0 0-1 1v5.5a1 1 0 0 0 1 1h1.25" />
    </>
  ),
  sensors: (
    <>
      <circle cx="8" cy="8" r="1.4" fill="currentColor" stroke="none" />
      <path d="M5.2 10.8a4 4 0 0 1 0-5.6M10.8 5.2a4 4 0 0 1 0 5.6M3.1 12.9a7 7 0 0 1 0-9.8M12.9 3.1a7 7 0 0 1 0 9.8" />
    </>
  ),
  schedules: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 4.75V8l2.25 1.5" />
    </>
  ),
  queues: (
    <>
      <rect x="1.75" y="2.75" width="12.5" height="3.5" rx="1.25" />
      <rect x="1.75" y="9.75" width="12.5" height="3.5" rx="1.25" />
      <path d="M4.5 4.5h3M4.5 11.5h5" />
    </>
  ),
  workers: (
    <>
      <rect x="4" y="4" width="8" height="8" rx="1.75" />
      <path d="M6.5 1.5V4M9.5 1.5V4M6.5 12v2.5M9.5 12v2.5M1.5 6.5H4M1.5 9.5H4M12 6.5h2.5M12 9.5h2.5" />
    </>
  ),
  concurrency: (
    <>
      <path d="M2 11.75a6.25 6.25 0 1 1 12 0" />
      <path d="M8 11.25l2.9-4.1" />
      <circle cx="8" cy="11.5" r="1" fill="currentColor" stroke="none" />
    </>
  ),
  deployment: (
    <>
      <rect x="1.75" y="2.25" width="12.5" height="4.75" rx="1.25" />
      <rect x="1.75" y="9" width="12.5" height="4.75" rx="1.25" />
      <path d="M4.5 4.63h.01M4.5 11.38h.01M7.5 4.63h4M7.5 11.38h4" />
    </>
  ),
  search: (
    <>
      <circle cx="7" cy="7" r="4.5" />
      <path d="M10.4 10.4L14 14" />
    </>
  ),
  close: <path d="M4 4l8 8M12 4l-8 8" />,
  plus: <path d="M8 3v10M3 8h10" />,
  minus: <path d="M3 8h10" />,
  chevronDown: <path d="M4 6l4 4 4-4" />,
  chevronRight: <path d="M6 4l4 4-4 4" />,
  chevronLeft: <path d="M10 4L6 8l4 4" />,
  copy: (
    <>
      <rect x="5.25" y="5.25" width="8.5" height="8.5" rx="1.75" />
      <path d="M3.25 10.5A1.25 1.25 0 0 1 2.25 9.25v-6c0-.55.45-1 1-1h6c.6 0 1.1.43 1.23 1" />
    </>
  ),
  link: (
    <>
      <path d="M6.75 9.25a2.75 2.75 0 0 0 3.9 0l2.1-2.1a2.75 2.75 0 0 0-3.9-3.9l-.7.7" />
      <path d="M9.25 6.75a2.75 2.75 0 0 0-3.9 0l-2.1 2.1a2.75 2.75 0 0 0 3.9 3.9l.7-.7" />
    </>
  ),
  external: <path d="M9.5 2.5h4v4M13.5 2.5L7.5 8.5M11.5 9.5v3a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1h3" />,
  download: <path d="M8 2.5v8M4.75 7.5L8 10.75 11.25 7.5M2.5 13.5h11" />,
  up: <path d="M8 13V3.5M4.25 7.25L8 3.5l3.75 3.75" />,
  down: <path d="M8 3v9.5M4.25 8.75L8 12.5l3.75-3.75" />,
  pause: <path d="M5.5 3.5v9M10.5 3.5v9" strokeWidth="2" />,
  play: <path d="M4.75 3.1v9.8L12.75 8z" fill="currentColor" />,
  stop: <rect x="3.75" y="3.75" width="8.5" height="8.5" rx="1.5" />,
  retry: (
    <>
      <path d="M13 8a5 5 0 1 1-1.5-3.55" />
      <path d="M13.25 1.9v2.85H10.4" />
    </>
  ),
  sun: (
    <>
      <circle cx="8" cy="8" r="2.75" />
      <path d="M8 1.5v1.25M8 13.25v1.25M1.5 8h1.25M13.25 8h1.25M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9" />
    </>
  ),
  moon: <path d="M13.5 9.6A5.75 5.75 0 0 1 6.4 2.5a5.75 5.75 0 1 0 7.1 7.1z" />,
  filter: <path d="M2 3.75h12M4.25 8h7.5M6.5 12.25h3" />,
  calendar: (
    <>
      <rect x="2.25" y="3.25" width="11.5" height="10.5" rx="1.75" />
      <path d="M2.5 6.75h11M5.5 1.75v2.75M10.5 1.75v2.75" />
    </>
  ),
  tag: (
    <>
      <path d="M8.4 2.25H3.25a1 1 0 0 0-1 1V8.4l5.6 5.35a1 1 0 0 0 1.4 0l4.5-4.5a1 1 0 0 0 0-1.4z" />
      <path d="M5.25 5.25h.01" strokeWidth="2" />
    </>
  ),
  user: (
    <>
      <circle cx="8" cy="5.25" r="2.75" />
      <path d="M2.75 13.75c.5-2.6 2.5-4 5.25-4s4.75 1.4 5.25 4" />
    </>
  ),
  alert: (
    <>
      <path d="M8 2.25l6.25 11.25H1.75z" />
      <path d="M8 6.5v3.25M8 11.6h.01" />
    </>
  ),
  info: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 7.25V11M8 5h.01" />
    </>
  ),
  terminal: <path d="M2.75 4.5L6 8l-3.25 3.5M8 12h5.25" />,
  graph: (
    <>
      <circle cx="3.5" cy="8" r="1.75" />
      <circle cx="12.5" cy="3.75" r="1.75" />
      <circle cx="12.5" cy="12.25" r="1.75" />
      <path d="M5.1 7.2l5.8-2.7M5.1 8.8l5.8 2.7" />
    </>
  ),
  diff: <path d="M5 2.5v11M11 2.5v11M2.5 5H7.5M8.5 11h5M11 8.5" />,
  check: <path d="M3 8.5l3.25 3.25L13 4.75" />,
  eye: (
    <>
      <path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8z" />
      <circle cx="8" cy="8" r="1.9" />
    </>
  ),
  bolt: <path d="M8.75 1.75L3.25 9.25h4l-.5 5 5.75-7.75h-4z" />,
  pin: <path d="M5.5 2.5h5M6.25 2.5v4L4 9.25h8L9.75 6.5v-4M8 9.25V14" />,
  flow: <path d="M2 4h3c3 0 3 8 6 8h3M2 12h3c1 0 1.7-.9 2.2-2M14 4h-3c-1 0-1.7.9-2.2 2" />,
  fit: (
    <path d="M2.5 6V3.5a1 1 0 0 1 1-1H6M10 2.5h2.5a1 1 0 0 1 1 1V6M13.5 10v2.5a1 1 0 0 1-1 1H10M6 13.5H3.5a1 1 0 0 1-1-1V10" />
  ),
  drain: (
    <>
      <path d="M8 2v7M5 6l3 3 3-3" />
      <path d="M2.5 10.5v2a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1v-2" />
    </>
  ),
  edit: <path d="M10.5 3l2.5 2.5L5.75 12.75 2.75 13.25l.5-3z" />,
  key: (
    <>
      <circle cx="5.25" cy="10.75" r="3" />
      <path d="M7.5 8.5l6-6M11 5l2 2" />
    </>
  ),
  menu: <path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11" />,
  star: <path d="M8 2l1.8 3.8 4.2.5-3.1 2.9.8 4.1L8 11.3l-3.7 2 .8-4.1L2 6.3l4.2-.5z" />,
} satisfies Record<string, ReactNode>;
