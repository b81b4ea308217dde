import type { ReactNode } from "react";
import { Link } from "wouter";
import { shortId } from "./format";

/** A run by its first 12 digits; the whole id is its title and its address. */
export const RunLink = ({ id, className = "" }: { id: string; className?: string }): ReactNode => (
  <Link href={`/runs/${id}`} className={`mono ${className}`} title={id}>
    {shortId(id)}
  </Link>
);

export const JobLink = ({ name, className = "" }: { name: string; className?: string }): ReactNode => (
  <Link href={`/jobs/${encodeURIComponent(name)}`} className={`mono strong ${className}`} title={name}>
    {name}
  </Link>
);
