import type { SettingSpec } from "../setting-spec";
import { SETTINGS } from "../setting-table";
import type { ToldSetting } from "../settings";

/** A setting over all processes that answered. */
export interface SettingItem {
  name: string;
  about: string;
  /** All processes need the same. */
  shared: boolean;
  /** Each value that there is, with the processes that have it. */
  values: { value: string; origin: ToldSetting["origin"]; nodes: string[] }[];
}

interface ToldNode {
  id: string;
  /** None where it did not answer. */
  settings: readonly ToldSetting[];
}

/** Every setting with its values, so that whoever looks sees where processes differ. */
export const settingItems = (nodes: readonly ToldNode[]): SettingItem[] =>
  Object.entries<SettingSpec<unknown>>(SETTINGS).map(([name, { about, shared = false }]) => {
    const values = new Map<string, SettingItem["values"][number]>();
    for (const { id, settings } of nodes)
      for (const { value, origin } of settings.filter((setting) => setting.name === name)) {
        const key = `${origin} ${value}`;
        const known = values.get(key) ?? { value, origin, nodes: [] };
        values.set(key, { ...known, nodes: [...known.nodes, id] });
      }
    return { name, about, shared, values: [...values.values()] };
  });
