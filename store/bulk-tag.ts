/** The tag by which runs are found that a bulk action touched; its value is the action's id. */
export const BULK_TAG = "dqueue/bulk";
