import { Component, type ReactNode } from "react";
import { useLocation } from "wouter";
import { Button } from "../parts/buttons";
import { Empty } from "../parts/states";

interface Props {
  children: ReactNode;
}

/** A page that breaks leaves the frame whole, and the frame's links lead on. */
export const Boundary = ({ children }: Props): ReactNode => {
  const [path] = useLocation();
  return <BoundaryOf {...{ path, children }} />;
};

class BoundaryOf extends Component<Props & { path: string }, { error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override componentDidUpdate(before: { path: string }): void {
    if (this.state.error !== null && before.path !== this.props.path) this.setState({ error: null });
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
