import type { IconName } from "../../../parts/icon";

/** The operations that the audit log tells of, by their name in the API. */
export const ACTIONS: Readonly<Record<string, { word: string; icon: IconName }>> = {
  launchRun: { word: "Launch", icon: "play" },
  reexecuteRun: { word: "Re-execute run", icon: "retry" },
  cancelRun: { word: "Cancel run", icon: "stop" },
  deleteRun: { word: "Delete run", icon: "close" },
  startBulkAction: { word: "Act on all of a filter", icon: "runs" },
  stopBulkAction: { word: "Stop a bulk action", icon: "pause" },
  handOverShard: { word: "Hand over shard", icon: "takeover" },
  runDoctor: { word: "Run doctor", icon: "check" },
  startSensor: { word: "Turn on sensor", icon: "sensors" },
  stopSensor: { word: "Turn off sensor", icon: "sensors" },
  setCursorOfSensor: { word: "Set cursor", icon: "edit" },
  createKey: { word: "Make key", icon: "key" },
  revokeKey: { word: "Revoke key", icon: "key" },
  signIn: { word: "Sign in", icon: "user" },
};
