import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Session } from "../../client/sign-in";
import { meQuery } from "../data/me";
import { Icon } from "../parts/icon";

/** Loaded anew: nothing that was shown stays. */
const signOut = async (): Promise<void> => {
  await new Session(location.origin).end();
  location.assign("/signin");
};

/** Who is signed in, and the way out. Nothing where nobody is asked. */
export default function Who(): ReactNode {
  const { data } = useQuery(meQuery);
  if (!data || data.kind === "local") return null;
  return (
    <div className="conn who" title={`${data.name}, ${data.role}`}>
      <Icon name="user" size={13} />
      <span className="word ell">
        {data.name} <span className="dim">{data.role}</span>
      </span>
      {data.kind === "session" && (
        <button type="button" className="tz" title="Sign out" aria-label="Sign out" onClick={() => void signOut()}>
          <Icon name="external" size={14} />
        </button>
      )}
    </div>
  );
}
