import type { ReactNode } from "react";
import type { Deployment } from "../../../client";
import { bytes, count } from "../../parts/format";

/** What the database holds, table by table. */
export const Tables = ({ storage }: { storage: Deployment["storage"] }): ReactNode => {
  const most = Math.max(1, ...storage.tables.map((table) => table.bytes));
  return (
    <section className="card" aria-labelledby="dep-tables">
      <div className="cardh">
        <h2 id="dep-tables">Tables</h2>
        <span className="sub num">{bytes(storage.bytes)} with indexes</span>
      </div>
      <div className="table-place" role="region" aria-label="Tables in figures" tabIndex={0}>
        <table className="table tables">
          <thead>
            <tr>
              <th scope="col">Table</th>
              <th scope="col" className="wide-head">
                <span className="sr">Share</span>
              </th>
              <th scope="col" className="fig">
                Size
              </th>
              <th scope="col" className="fig">
                Rows<span className="wide-only">, about</span>
              </th>
              <th scope="col" className="fig" title="A table a day, with those that are made ahead">
                <span className="wide-only">Day tables</span>
                <span className="narrow-only">Days</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {storage.tables.map((table) => (
              <tr key={table.name}>
                <th scope="row" className="mono">
                  {table.name}
                </th>
                <td className="wide">
                  <i className="depbar" style={{ width: `${(100 * table.bytes) / most}%` }} />
                </td>
                <td className="fig">{bytes(table.bytes)}</td>
                <td className="fig">{table.rows === 0 ? "—" : count(table.rows)}</td>
                <td className="fig">{table.partitions === 0 ? "—" : count(table.partitions)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
};
