import { distance } from "../core/nearest";
import { SETTINGS, type SettingName } from "./setting-table";

/** A variable that is no setting, and the setting that it looks like. */
export interface NearName {
  readonly name: string;
  readonly nearest: SettingName;
}

/** Shorter ones are too near to what other programs read, as SMTP_URL is to AMQP_URL. */
const LONG = 8;
/** Two letters changed places, or two are wrong. */
const LONG_ENOUGH_FOR_TWO = 12;

export const isSettingName = (name: string): name is SettingName => Object.hasOwn(SETTINGS, name);

/** The setting that is meant by a name that is none. */
export const nearestName = (name: string): SettingName => nearest(name).setting;

/**
 * Variables that differ from a setting by a letter or two, where that setting is not given. Unlike those that begin with
 * DQUEUE_ they may be another program's, so that nobody can refuse them.
 */
export const mistakenNames = (environment: NodeJS.ProcessEnv): NearName[] =>
  Object.keys(environment).flatMap((name) => {
    if (isSettingName(name) || name.startsWith("DQUEUE_") || name.length < LONG) return [];
    const { setting, letters } = nearest(name);
    const isNear = letters <= (setting.length < LONG_ENOUGH_FOR_TWO ? 1 : 2);
    return isNear && !environment[setting] ? [{ name, nearest: setting }] : [];
  });

const nearest = (name: string): { setting: SettingName; letters: number } => {
  const given = unprefixed(name);
  const names = Object.keys(SETTINGS) as SettingName[];
  const distances = names.map((known) => distance(given, unprefixed(known), Infinity));
  const letters = Math.min(...distances);
  return { setting: names[distances.indexOf(letters)]!, letters };
};

const unprefixed = (name: string): string =>
  name
    .toUpperCase()
    .replaceAll("-", "_")
    .replace(/^DQUEUE_/, "");
