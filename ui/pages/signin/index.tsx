import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { ApiError, type SignInWays } from "../../../client";
import { Session } from "../../../client/sign-in";
import { cache } from "../../data/cache";
import { useParam } from "../../data/url";
import { Logo } from "../../frame/logo";
import { SkipLink } from "../../frame/skip-link";
import { useTitle } from "../../frame/title";
import { Button, UNDER_WAY } from "../../parts/buttons";
import { counted } from "../../parts/format";
import { Loaded } from "../../parts/states";
import "./signin.css";

const session = new Session(location.origin);

const REFUSED: Readonly<Record<string, string>> = {
  begun_elsewhere: "The sign-in was begun in another browser, or too long ago. Begin it again.",
  refused: "Your company's sign-in did not let you in.",
  unverified: "Your company account has no verified e-mail address, by which you would be known here.",
  other_company: "Accounts of your e-mail address's domain are not let in here.",
};

/** Who one is, before anything else is shown. It stands outside the frame: nothing behind it can be asked for yet. */
export default function SignInPage(): ReactNode {
  useTitle("Sign in");
  return (
    <QueryClientProvider client={cache}>
      <SkipLink />
      <main id="content" tabIndex={-1} className="signin">
        <header>
          <Logo />
          <h1>Sign in to dqueue</h1>
        </header>
        <Ways />
      </main>
    </QueryClientProvider>
  );
}

const Ways = (): ReactNode => {
  const [next] = useParam("next");
  const [refused] = useParam("refused");
  const query = useQuery({ queryKey: ["signin", next], queryFn: () => session.ways(next), staleTime: Infinity });
  return (
    <Loaded query={query} failed="How to sign in could not be asked" skeleton={null}>
      {(ways) => (ways.required ? <Forms ways={ways} refused={refused} /> : <NobodyAsks next={ways.next} />)}
    </Loaded>
  );
};

const NobodyAsks = ({ next }: { next: string }): ReactNode => (
  <p>
    This server asks nobody who they are. <a href={next}>Go on to {next}</a>
  </p>
);

const Forms = ({ ways, refused }: { ways: SignInWays; refused: string }): ReactNode => {
  const [problem, setProblem] = useState<string | null>(REFUSED[refused] ?? null);
  const [busy, setBusy] = useState(false);
  const go = async (begin: () => Promise<string>): Promise<void> => {
    setBusy(true);
    try {
      // Loaded anew: nothing that was shown to somebody else stays.
      location.assign(await begin());
    } catch (error) {
      setProblem(toldOf(error as Error));
      setBusy(false);
    }
  };
  return (
    <>
      {problem !== null && (
        <p className="wrong" role="alert">
          {problem}
        </p>
      )}
      {ways.company !== null && (
        <>
          <Button
            kind="primary"
            not={busy && UNDER_WAY}
            onClick={() => void go(() => session.beginAtCompany(ways.next))}
          >
            Company account at {ways.company}
          </Button>
          <p className="or dim">or with a key</p>
        </>
      )}
      <KeyForm
        primary={ways.company === null}
        busy={busy}
        onKey={(key) => void go(() => session.begin(key, ways.next))}
      />
      <p className="dim small">
        Leads to <code>{ways.next}</code>
      </p>
    </>
  );
};

const toldOf = (error: Error): string => {
  const left = error instanceof ApiError ? error.problem.tries_left : undefined;
  if (typeof left !== "number") return error.message;
  return `${error.message} ${left === 0 ? "No try is left: wait 5 minutes." : `${counted(left, "try is", "tries are")} left.`}`;
};

interface KeyFormProps {
  primary: boolean;
  busy: boolean;
  onKey(key: string): void;
}

const KeyForm = ({ primary, busy, onKey }: KeyFormProps): ReactNode => {
  const [key, setKey] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (key.trim() !== "" && !busy) onKey(key);
  };
  return (
    <form onSubmit={submit}>
      <label className="field">
        <span>API key</span>
        <input
          className="input mono"
          type="password"
          autoComplete="current-password"
          autoFocus
          spellCheck={false}
          value={key}
          onChange={({ target }) => setKey(target.value)}
        />
      </label>
      <Button
        type="submit"
        icon="key"
        kind={primary ? "primary" : "plain"}
        not={busy ? UNDER_WAY : key.trim() === "" && "Give a key."}
      >
        Sign in
      </Button>
      <details>
        <summary>Where do I get one?</summary>
        <p>
          Of whoever runs this server: <code>dqueue keys create --name you --role viewer</code> makes one, and so does
          an admin under Deployment, Access &amp; audit. It is shown once.
        </p>
      </details>
    </form>
  );
};
