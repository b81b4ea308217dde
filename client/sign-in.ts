import { Http } from "./http";

/** Who asks, and what they may do. */
export interface Me {
  /** How that is known. "local": nobody was asked; "session": a browser that signed in. */
  kind: "local" | "key" | "session";
  /** Of a key: its id. */
  id: string | null;
  /** Of the key, or the address of the company account. */
  name: string;
  /** Each may do what those before it may: viewer, launcher, operator, admin. */
  role: "viewer" | "launcher" | "operator" | "admin";
}

/** How one may sign in. */
export interface SignInWays {
  /** False: nobody is asked who they are. */
  required: boolean;
  /** Where the page goes afterwards: a path of this server, whatever it was asked for. */
  next: string;
  /** Host of the company's OpenID provider; null: there is none. */
  company: string | null;
  /** Wrong keys that may still come from this address. */
  tries_left: number;
}

/** Signing a browser in and out; the session is a cookie. Beside the client, which programs use with a key. */
export class Session {
  private readonly http: Http;

  /** @param url of the server that the page came from. */
  constructor(url: string) {
    this.http = new Http({ url });
  }

  ways(next: string): Promise<SignInWays> {
    return this.http.get("/session", { next });
  }

  /** @returns where to go now. ApiError KEY_REFUSED, TOO_MANY_TRIES. */
  async begin(key: string, next: string): Promise<string> {
    return (await this.http.ask<{ next: string }>("POST", "/session", { body: { key, next } })).next;
  }

  /** @returns where the browser goes now: to the company's OpenID provider. */
  async beginAtCompany(next: string): Promise<string> {
    return (await this.http.ask<{ location: string }>("POST", "/session/company", { body: { next } })).location;
  }

  end(): Promise<void> {
    return this.http.ask("DELETE", "/session");
  }
}
