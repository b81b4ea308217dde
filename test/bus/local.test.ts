import { describeDurableActions } from "./conformance";
import { openWorld } from "./world";

describe("durable actions in memory", () => {
  describeDurableActions(() => openWorld(null, async () => {}));
});
