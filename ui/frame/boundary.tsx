import { Component, type ReactNode } from "react";
import { useLocation } from "wouter";
import { useLink } from "../data/live/live";
import { Button } from "../parts/buttons";
import { Empty } from "../parts/states";

interface Props {
  children: ReactNode;
}

/**
 * A page that breaks leaves the frame whole, and the frame's links lead on. A page's chunk is gone after an update of the
 * server, and out of reach while there is none: what breaks meanwhile is loaded anew once the server is back.
 */
export const Boundary = ({ children }: Props): ReactNode => {
  const [path] = useLocation();
  const away = useLink().kind === "offline";
  return <BoundaryOf {...{ path, away, children }} />;
};

class BoundaryOf extends Component<Props & { path: string; away: boolean }, { error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override componentDidUpdate(before: { path: string; away: boolean }): void {
    if (this.state.error === null) return;
    // React keeps a chunk that failed, so it is the document that is loaded.
    if (before.away && !this.props.away) location.reload();
    else if (before.path !== this.props.path) this.setState({ error: null });
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <Empty
        icon="alert"
        title="This page cannot be shown"
        acts={
          <Button icon="retry" onClick={() => location.reload()}>
            Load it anew
          </Button>
        }
      >
        {error.message}
      </Empty>
    );
  }
}
