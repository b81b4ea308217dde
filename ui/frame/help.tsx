import type { ReactNode } from "react";
import { Key } from "../parts/buttons";
import { Dialog } from "../parts/dialog";
import { shownKeys, useKeyGroups } from "./keys";

/** All keys that are bound on this page. */
export default function Help({ onClose }: { onClose(): void }): ReactNode {
  const groups = useKeyGroups();
  return (
    <Dialog title="Keys" wide onClose={onClose}>
      <div className="keys">
        {groups.map(({ title, bindings }) => (
          <section key={title}>
            <h2>{title}</h2>
            <dl>
              {bindings.map(({ keys, label }) => (
                <div key={keys}>
                  <dt>{label}</dt>
                  <dd className="row" style={{ gap: 4 }}>
                    {shownKeys(keys)
                      .split(/ (?=\S+$)/)
                      .map((key) => (
                        <Key key={key}>{key}</Key>
                      ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
