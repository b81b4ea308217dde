import { type ReactNode, useEffect, useMemo, useState } from "react";
import { useLocation } from "wouter";
import { live, useLink } from "../data/live/live";
import { shownBulks } from "../data/shown-bulks";
import { useStored } from "../data/stored";
import { Button } from "../parts/buttons";
import { timeOfDay } from "../parts/format";
import { late } from "../parts/late";
import { onBack } from "../parts/on-back";
import { Strip } from "../parts/states";
import { useTick, useZone, zone } from "../parts/time";
import { Toasts, undoLast } from "../parts/toasts";
import { BottomBar } from "./bottom-bar";
import { type KeyGroup, useKeys } from "./keys";
import { type NamedRun, Opener } from "./opener";
import { NAV } from "./pages";
import { SkipLink } from "./skip-link";
import { Sidebar } from "./sidebar";

const loadPalette = () => import("./palette");
const Palette = late(loadPalette);
const Help = late(() => import("./help"));
const Drawer = late(() => import("./drawer"));
const AskCancel = late(() => import("./ask-cancel"));
const BulkCards = late(() => import("./bulk-cards"));

const IDLE_MS = 1_500;

type Layer = "palette" | "launch" | "help" | "drawer" | null;

/** What stands around each page. */
export const Frame = ({ children }: { children: ReactNode }): ReactNode => {
  const [layer, setLayer] = useState<Layer>(null);
  const [toCancel, setToCancel] = useState<NamedRun | null>(null);
  const [, navigate] = useLocation();
  const bulks = useStored(shownBulks);
  const close = (): void => setLayer(null);
  useEffect(() => onBack(() => setLayer(null)), []);
  // Who presses its keys types on at once.
  useEffect(() => void setTimeout(() => void loadPalette().catch(() => undefined), IDLE_MS), []);
  useKeys(
    useMemo(() => frameKeys(navigate, setLayer), [navigate]),
    "frame",
  );
  const openers = { openPalette: () => setLayer("palette"), openHelp: () => setLayer("help") };
  const opener = useMemo(
    () => ({
      palette: () => setLayer("palette"),
      launch: () => setLayer("launch"),
      drawer: () => setLayer("drawer"),
      cancel: setToCancel,
    }),
    [],
  );
  return (
    <Opener value={opener}>
      <div className="app">
        <SkipLink />
        <Sidebar {...openers} />
        <Sheet>{children}</Sheet>
        <BottomBar openMore={() => setLayer("drawer")} />
      </div>
      {(layer === "palette" || layer === "launch") && (
        <Palette start={layer === "launch" ? "Launch " : ""} onClose={close} />
      )}
      {layer === "help" && <Help onClose={close} />}
      {layer === "drawer" && <Drawer onClose={close} {...openers} />}
      {toCancel && <AskCancel key={toCancel.id} run={toCancel} onClose={() => setToCancel(null)} />}
      <Toasts>{bulks !== "" && <BulkCards />}</Toasts>
    </Opener>
  );
};

const frameKeys = (navigate: (to: string) => void, open: (layer: Layer) => void): KeyGroup => ({
  title: "Everywhere",
  bindings: [
    { keys: "mod+k", label: "Search or run a command", typing: true, act: () => open("palette") },
    ...NAV.flat().map(({ key, title, href }) => ({
      keys: `g ${key}`,
      label: `Go to ${title}`,
      act: () => navigate(href),
    })),
    { keys: "L", label: "Launch a run", act: () => open("launch") },
    { keys: "t", label: "UTC or local time", act: () => zone.next() },
    { keys: "u", label: "Undo what was done last", act: () => undoLast() },
    { keys: "?", label: "This help", act: () => open("help") },
    { keys: "Escape", label: "Back out one layer", act: () => backOut() },
  ],
});

const backOut = (): boolean => {
  const { activeElement } = document;
  if (!(activeElement instanceof HTMLElement) || activeElement === document.body) return false;
  activeElement.blur();
  return true;
};

/** The page on its sheet. What it shows is marked where it may no longer be true. */
const Sheet = ({ children }: { children: ReactNode }): ReactNode => {
  const offline = useLink().kind === "offline";
  return (
    <main id="content" tabIndex={-1} className={`sheet ${offline ? "stale" : ""}`}>
      {offline && <StaleStrip />}
      {children}
    </main>
  );
};

const StaleStrip = (): ReactNode => {
  const link = useLink();
  const now = useTick();
  const shown = useZone();
  if (link.kind !== "offline") return null;
  const reconnect = (
    <Button small onClick={() => live.reconnect()}>
      Reconnect
    </Button>
  );
  return (
    <Strip action={reconnect}>
      <b>
        Live updates stopped <span aria-hidden="true">{Math.max(0, Math.round((now - link.since) / 1000))} s ago</span>.
      </b>{" "}
      Showing what was known at {timeOfDay(link.since, shown, true)}.
    </Strip>
  );
};
