import { useCallback } from "react";
import { useSearch } from "wouter";

type Values = Record<string, string | null>;

/** Writes parameters into the address: null and "" take one away. `push`: Back undoes it. */
export const writeParams = (values: Values, { push = false }: { push?: boolean } = {}): void => {
  const params = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === "") params.delete(name);
    else params.set(name, value);
  }
  // Legal there, and better to read in an address that people share; a link that was written by hand stays as it is.
  const search = params.toString().replace(/%(2C|2F|3A|3D|3E)/g, decodeURIComponent);
  const next = `${location.pathname}${search && `?${search}`}${location.hash}`;
  if (next === `${location.pathname}${location.search}${location.hash}`) return;
  // wouter hears of both.
  if (push) history.pushState(history.state, "", next);
  else history.replaceState(history.state, "", next);
};

/**
 * A parameter of the address as state: the address is the state, Back restores it.
 * @returns its value ("" where there is none) and a setter; `push` makes a step of the history.
 */
export const useParam = (name: string): [string, (value: string | null, options?: { push?: boolean }) => void] => {
  const value = new URLSearchParams(useSearch()).get(name) ?? "";
  const set = useCallback(
    (next: string | null, options?: { push?: boolean }) => writeParams({ [name]: next }, options),
    [name],
  );
  return [value, set];
};
