import { Component, type ReactNode } from "react";
import { Button } from "../parts/buttons";
import { Empty } from "../parts/states";

interface Props {
  children: ReactNode;
}

/** A page that breaks leaves the frame whole. After an update of the server a page's old chunk is gone, too. */
export class Boundary extends Component<Props, { error: Error | null; path: string }> {
  override state = { error: null as Error | null, path: location.pathname };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override componentDidUpdate(): void {
    const { pathname } = location;
    if (pathname !== this.state.path) this.setState({ error: null, path: pathname });
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
