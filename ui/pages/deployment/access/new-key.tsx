import { type ReactNode, useState } from "react";
import type { AccessRole, NewApiKey } from "../../../../client";
import { keysQuery } from "../../../data/access";
import { cache } from "../../../data/cache";
import { api } from "../../../data/client";
import { serverNow } from "../../../data/server-clock";
import { Button, Segments, UNDER_WAY } from "../../../parts/buttons";
import { copyText } from "../../../parts/copy";
import { Confirm, Dialog } from "../../../parts/dialog";
import { tell } from "../../../parts/toasts";

const ROLES: readonly { value: AccessRole; label: string }[] = [
  { value: "viewer", label: "viewer" },
  { value: "launcher", label: "launcher" },
  { value: "operator", label: "operator" },
  { value: "admin", label: "admin" },
];

const MAY: Readonly<Record<AccessRole, string>> = {
  viewer: "Sees everything but keys and the audit log.",
  launcher: "Also launches, re-executes and cancels runs.",
  operator: "Also deletes runs, acts on all runs of a filter, switches and tests sensors.",
  admin: "Also makes and revokes keys, and reads the audit log.",
};

/** In days; "": it does not expire. */
const LIVES = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "1 year" },
  { value: "", label: "Never" },
] as const;

type Life = (typeof LIVES)[number]["value"];

const DAY_MS = 24 * 3_600_000;

/** Makes a key, and shows it the only time that it is shown. */
export default function NewKey({ onClose }: { onClose(): void }): ReactNode {
  // Nowhere but here: what is read again and again must not have it.
  const [made, setMade] = useState<NewApiKey | null>(null);
  return made === null ? <Ask onMade={setMade} onClose={onClose} /> : <Made made={made} onClose={onClose} />;
}

const Ask = ({ onMade, onClose }: { onMade(key: NewApiKey): void; onClose(): void }): ReactNode => {
  const [name, setName] = useState("");
  const [role, setRole] = useState<AccessRole>("launcher");
  const [life, setLife] = useState<Life>("90");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const make = async (): Promise<void> => {
    setBusy(true);
    try {
      const expires_at = life === "" ? null : new Date(serverNow() + Number(life) * DAY_MS).toISOString();
      onMade(await api.keys.create({ name: name.trim(), role, expires_at }));
      await cache.invalidateQueries({ queryKey: keysQuery.queryKey });
    } catch (error) {
      setWrong((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <Confirm
      title="New API key"
      about="For a person or a program. The key is shown once: the server keeps only a hash of it."
      keep="Leave it"
      act="Make key"
      icon="key"
      not={busy ? UNDER_WAY : name.trim() === "" && "Say whose it is."}
      onAct={() => void make()}
      onClose={onClose}
    >
      <label className="field">
        <span>Whose it is</span>
        <input
          className="input"
          autoFocus
          autoComplete="off"
          maxLength={100}
          placeholder="ci-deploy"
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
      </label>
      <div className="field">
        <span>Role</span>
        <Segments label="Role" value={role} options={ROLES} onChange={(next: AccessRole) => setRole(next)} />
        <p className="dim small">{MAY[role]}</p>
      </div>
      <div className="field">
        <span>Ends after</span>
        <Segments label="Ends after" value={life} options={LIVES} onChange={(next: Life) => setLife(next)} />
      </div>
      {wrong !== null && (
        <p className="t-failure small" role="alert">
          {wrong}
        </p>
      )}
    </Confirm>
  );
};

const Made = ({ made: { name, role, key }, onClose }: { made: NewApiKey; onClose(): void }): ReactNode => {
  const copy = (): void => void copyText(key).then(() => tell({ title: `The key of ${name} was copied` }));
  const foot = (
    <>
      <span className="grow" />
      <Button icon="copy" onClick={copy}>
        Copy key
      </Button>
      <Button kind="primary" onClick={onClose}>
        Done
      </Button>
    </>
  );
  return (
    <Dialog
      title={`The key of ${name}`}
      about="Copy it now: once this is closed, nobody can show it again."
      foot={foot}
      onClose={onClose}
    >
      <code className="newkey mono" tabIndex={0} role="textbox" aria-readonly="true" aria-label="API key">
        {key}
      </code>
      <p className="dim small">
        Role {role}. Programs send it as <span className="mono">Authorization: Bearer …</span>, commands take it from{" "}
        <span className="mono">DQUEUE_API_KEY</span>.
      </p>
    </Dialog>
  );
};
