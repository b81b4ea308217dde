import type { ReactNode } from "react";

/** The titles of a table's columns, for its head's row. */
export const Titles = ({ of }: { of: readonly string[] }): ReactNode =>
  of.map((title) => (
    <th key={title} scope="col">
      {title}
    </th>
  ));
