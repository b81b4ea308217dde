import type { ReactNode } from "react";

/** Each status has its own outline, so that it reads in grey. Drawn on 16 by 16. */
export const STATUS_SHAPES = {
  SUCCESS: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path
        d="M4.9 8.3l2.1 2.1 4.1-4.6"
        stroke="var(--sheet)"
        strokeWidth="1.8"
        fill="none"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  FAILURE: (
    <>
      <path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" fill="currentColor" />
      <path d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8" stroke="var(--sheet)" strokeWidth="1.8" strokeLinecap="round" />
    </>
  ),
  STARTED: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" opacity=".28" />
      <path
        className="spin"
        d="M8 2a6 6 0 0 1 6 6"
        fill="none"
        stroke="currentColor"
        strokeWidth="2.2"
        strokeLinecap="round"
      />
      <circle cx="8" cy="8" r="2.6" fill="currentColor" />
    </>
  ),
  STARTING: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.8" strokeDasharray="2.6 2.1" />
      <path d="M6.4 5.3v5.4L10.8 8z" fill="currentColor" />
    </>
  ),
  QUEUED: (
    <>
      <circle cx="8" cy="8" r="6.1" fill="none" stroke="currentColor" strokeWidth="1.7" />
      <path
        d="M8 4.6V8l2.2 1.4"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.7"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  PENDING: (
    <>
      <circle
        cx="8"
        cy="8"
        r="6"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeDasharray=".1 3.04"
        strokeLinecap="round"
      />
    </>
  ),
  UP_FOR_RETRY: (
    <>
      <path
        d="M13.4 8.4A5.5 5.5 0 1 1 11.7 4"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
      />
      <path d="M14 1.2v4.6H9.4z" fill="currentColor" />
    </>
  ),
  SKIPPED: (
    <>
      <path
        d="M2.2 3.6v8.8L7.4 8zM8.2 3.6v8.8L13.4 8z"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
    </>
  ),
  CANCELED: (
    <>
      <circle cx="8" cy="8" r="6.1" fill="none" stroke="currentColor" strokeWidth="1.9" />
      <path d="M3.8 12.2l8.4-8.4" stroke="currentColor" strokeWidth="1.9" />
    </>
  ),
  CANCELING: (
    <>
      <path
        d="M8 1.9a6.1 6.1 0 1 1-6.1 6.1"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.9"
        strokeLinecap="round"
      />
      <rect x="5.4" y="5.4" width="5.2" height="5.2" rx="1" fill="currentColor" />
    </>
  ),
  LOST: (
    <>
      <path d="M8 .9L15.1 8 8 15.1.9 8z" fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinejoin="round" />
      <path d="M8 4.8v3.8M8 11h.01" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" />
    </>
  ),
} satisfies Record<string, ReactNode>;
