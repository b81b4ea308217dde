import { type ReactNode, useState } from "react";
import type { ApiKey } from "../../../../client";
import { keysQuery } from "../../../data/access";
import { cache } from "../../../data/cache";
import { api } from "../../../data/client";
import { UNDER_WAY } from "../../../parts/buttons";
import { Confirm } from "../../../parts/dialog";
import { Moment } from "../../../parts/time";
import { tell, tellFailure } from "../../../parts/toasts";

interface Props {
  apiKey: ApiKey;
  /** Whoever looks came in by it. */
  own: boolean;
  onClose(): void;
}

/** Asks before a key is ended for good. */
export default function RevokeKey({ apiKey: { id, name, role, last_used_at }, own, onClose }: Props): ReactNode {
  const [busy, setBusy] = useState(false);
  const revoke = async (): Promise<void> => {
    setBusy(true);
    try {
      await api.keys.revoke(id);
      tell({ title: `The key of ${name} was revoked` });
    } catch (error) {
      tellFailure(`The key of ${name} was not revoked`, error);
    }
    onClose();
    await Promise.all([keysQuery.queryKey, ["audit"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
  };
  return (
    <Confirm
      title={`Revoke the key of ${name}?`}
      about="It opens nothing from then on, sessions that began with it end, and it cannot be given back."
      keep="Keep it"
      act="Revoke key"
      icon="key"
      danger
      not={busy && UNDER_WAY}
      onAct={() => void revoke()}
      onClose={onClose}
    >
      <p>
        <span className="mono">{id}</span>, {role}, last used{" "}
        {last_used_at === null ? "never" : <Moment at={last_used_at} />}.
      </p>
      {own && <p className="t-retry">You are signed in with it: you will be signed out.</p>}
    </Confirm>
  );
}
