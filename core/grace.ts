/** How long the steps of a canceled run may take to stop by themselves; then their processes are killed. */
export const CANCEL_GRACE_MS = 5_000;
