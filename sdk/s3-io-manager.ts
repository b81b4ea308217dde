import { AwsClient } from "aws4fetch";
import { DqueueError } from "../core/errors";
import type { Json } from "../core/json";
import { checkName } from "./checks";
import type { IoManager } from "./io-manager";
import type { OptionNames } from "./options";
import { checkOptions } from "./options";
import { bytesOf, storageKey, valueOf } from "./io-manager";

export interface S3Options {
  /** E.g. `https://s3.eu-central-1.amazonaws.com` or that of any S3-compatible store. */
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  /** Start of every object's key, e.g. `dqueue/`. */
  prefix?: string;
  name?: string;
}

const S3_OPTIONS: OptionNames<S3Options> = {
  endpoint: true,
  bucket: true,
  region: true,
  accessKeyId: true,
  secretAccessKey: true,
  sessionToken: true,
  prefix: true,
  name: true,
};

/** Keeps values in a bucket of an S3-compatible store: bytes as they are, all else as JSON. Addresses by path. */
export const s3IoManager = (options: S3Options): IoManager => {
  checkOptions(options, S3_OPTIONS, {}, "ioManager");
  const { name = "s3", prefix = "", endpoint, bucket } = options;
  checkName(name, {}, "ioManager.name");
  const { accessKeyId, secretAccessKey, sessionToken, region } = options;
  // Answers of 429 and 5xx are tried again, five times over some seconds; beyond that the step's own retry decides.
  const client = new AwsClient({ accessKeyId, secretAccessKey, sessionToken, region, service: "s3", retries: 5 });
  const base = `${endpoint.replace(/\/+$/, "")}/${encodeURIComponent(bucket)}`;
  const urlOf = (key: string): string => `${base}/${key.split("/").map(encodeURIComponent).join("/")}`;
  const request = async (method: "GET" | "PUT", key: string, body?: Uint8Array<ArrayBuffer>): Promise<Response> => {
    const response = await client.fetch(urlOf(key), { method, body });
    if (response.ok) return response;
    const answer = (await response.text()).slice(0, 500);
    throw new DqueueError(
      "IO_MANAGER_FAILED",
      `The IO manager "${name}" could not ${method === "PUT" ? "store" : "load"} ${key} in bucket ${bucket}: HTTP ${response.status} ${answer}`,
    );
  };
  return {
    name,
    store: async (context, value) => {
      const { form, bytes } = bytesOf(value);
      const key = prefix + storageKey(context, form);
      await (await request("PUT", key, Uint8Array.from(bytes))).arrayBuffer();
      return { key, form, size: bytes.length };
    },
    load: async (_context, handle) => {
      const { key, form } = handle as { key: string; form: Json };
      return valueOf(form, Buffer.from(await (await request("GET", key)).arrayBuffer()));
    },
  };
};
