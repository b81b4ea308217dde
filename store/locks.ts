/**
 * Class ids of the advisory locks of dqueue (the first of the two keys): "dq" and a number, so that other programs'
 * locks in the same database are not taken for ours.
 */
const CLASS = 0x6471_0000;
export const MIGRATION_LOCK = CLASS + 1;
export const COORDINATOR_LOCK = CLASS + 2;
export const PARTITION_LOCK = CLASS + 3;
