import type { ReactNode } from "react";

export const Logo = (): ReactNode => (
  <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true" style={{ flex: "none" }}>
    <rect width="22" height="22" rx="6" fill="var(--ink)" />
    <rect x="4.5" y="5.5" width="7" height="2.6" rx="1.3" fill="var(--inktext)" />
    <rect x="7.5" y="9.7" width="10" height="2.6" rx="1.3" fill="var(--brand)" />
    <rect x="4.5" y="13.9" width="8.5" height="2.6" rx="1.3" fill="var(--inktext)" />
  </svg>
);
