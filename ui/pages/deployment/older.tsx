import type { ReactNode } from "react";
import { Button } from "../../parts/buttons";
import { count } from "../../parts/format";

/** Below a list that shows its newest: how many more there are, and a way to them. Nothing where it shows all. */
export const Older = ({ more, show }: { more: number; show(): void }): ReactNode =>
  more > 0 && (
    <p className="depfoot">
      <Button small kind="ghost" onClick={show}>
        {`${count(more)} older`}
      </Button>
    </p>
  );
