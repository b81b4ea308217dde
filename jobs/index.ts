/** The code location: what it exports is what dqueue shows. */
export { jobs } from "./jobs";
export { sensors } from "./sensors";
export { wordCount } from "./word-count";
