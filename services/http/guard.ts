import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { DqueueError } from "../../core/errors";

const SAFE = new Set(["GET", "HEAD"]);
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE"];
const OVERRIDES = ["x-http-method-override", "x-http-method", "x-method-override"];

/**
 * Who may talk to this server at all: the one hook that runs on every path, before anything else. Without it any web
 * page could drive a server on the visitor's own machine: by a form, by text/plain, or by a name that it makes
 * resolve to 127.0.0.1.
 * @param allowedHosts host names (without port) beside loopback names and plain addresses; "*" allows all.
 */
export const checkRequest = (request: IncomingMessage, allowedHosts: readonly string[]): void => {
  const { method = "", headers } = request;
  checkHost(headers.host, allowedHosts);
  if (!METHODS.includes(method)) {
    throw new DqueueError("METHOD_NOT_ALLOWED", `This server knows ${METHODS.join(", ")}, not ${method}.`, {
      allow: METHODS.join(", "),
    });
  }
  const override = OVERRIDES.find((name) => headers[name] !== undefined);
  if (override) throw new DqueueError("METHOD_OVERRIDE", `The header ${override} is refused: use the method itself.`);
  if (!isChange(request)) return;
  checkOrigin(request);
  checkMediaType(request);
};

/** True of what may change something. */
export const isChange = ({ method = "" }: IncomingMessage): boolean => !SAFE.has(method);

/**
 * For what a browser sends along by itself. A page of a sibling site, or of another port, is no page of this server.
 * @throws DqueueError FOREIGN_ORIGIN where no browser says that a page of this server asks.
 */
export const requireOwnPage = ({ headers }: IncomingMessage): void => {
  const { origin, host, "sec-fetch-site": site } = headers;
  const told = [
    ...(origin === undefined ? [] : [isOf(origin, host)]),
    ...(site === undefined ? [] : [site === "same-origin"]),
  ];
  if (told.length > 0 && !told.includes(false)) return;
  throw new DqueueError(
    "FOREIGN_ORIGIN",
    "Whoever is signed in by a cookie changes something from a page of this server alone: programs send an API key.",
  );
};

const checkHost = (host: string | undefined, allowed: readonly string[]): void => {
  if (!host) throw new DqueueError("HOST_MISSING", "The request has no Host header.");
  const name = hostName(host);
  // A plain address is safe: a foreign page can make only a name of its own resolve to this machine.
  if (name === "localhost" || name.endsWith(".localhost") || isIP(name) !== 0) return;
  if (allowed.includes("*") || allowed.some((known) => known.toLowerCase() === name)) return;
  throw new DqueueError(
    "HOST_NOT_ALLOWED",
    `The server does not answer as "${name}". Use localhost or its address, or add the name to its allowed hosts.`,
  );
};

const hostName = (host: string): string => {
  const [, address] = /^\[([^\]]*)\](?::\d*)?$/.exec(host) ?? [];
  return (address ?? host.replace(/:\d*$/, "")).toLowerCase().replace(/\.$/, "");
};

const checkOrigin = ({ headers }: IncomingMessage): void => {
  const { origin, host = "" } = headers;
  const foreign = origin !== undefined && !isOf(origin, host);
  if (!foreign && headers["sec-fetch-site"] !== "cross-site") return;
  const page = origin ?? "another site";
  const asked = `This server was asked as "${host}": where that is a proxy's doing, have it pass on the Host of the browser.`;
  throw new DqueueError("FOREIGN_ORIGIN", `A page of ${page} may not change anything here. ${asked}`);
};

/** Whether a page of `origin` is one of the server that was asked as `host`, with or without the port that goes unsaid. */
const isOf = (origin: string, host = ""): boolean => {
  // "null": a page without an origin, e.g. a sandboxed frame.
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  const asked = `${page.protocol}//${host}`;
  return URL.canParse(asked) && new URL(asked).host === page.host;
};

const checkMediaType = ({ headers }: IncomingMessage): void => {
  const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  const [type, ...parameters] = headers["content-type"]?.split(";").map((part) => part.trim().toLowerCase()) ?? [];
  if (hasBody) refuseEncoding(headers["content-encoding"]);
  refuseCharset(parameters);
  if (type === "application/json" || (!hasBody && type === undefined)) return;
  throw new DqueueError(
    "UNSUPPORTED_MEDIA_TYPE",
    `The content type is ${type ? `"${type}"` : "missing"}: send JSON with Content-Type: application/json, or no body.`,
  );
};

const refuseEncoding = (encoding = "identity"): void => {
  if (encoding.trim().toLowerCase() === "identity") return;
  throw new DqueueError(
    "UNSUPPORTED_ENCODING",
    `The body is encoded as "${encoding}": send it as it is, without Content-Encoding.`,
  );
};

const refuseCharset = (parameters: readonly string[]): void => {
  const [charset] = parameters.flatMap((part) => /^charset\s*=\s*"?([^"]*)"?$/.exec(part)?.[1] ?? []);
  if (charset === undefined || charset === "utf-8" || charset === "utf8") return;
  throw new DqueueError("UNSUPPORTED_CHARSET", `The body's charset is "${charset}": send JSON in UTF-8.`);
};
