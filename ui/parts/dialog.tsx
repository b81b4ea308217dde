import { Dialog as Radix } from "radix-ui";
import { type FormEvent, type ReactNode, useEffect, useRef } from "react";
import { Button } from "./buttons";
import { useFocusReturn } from "./focus-return";
import type { IconName } from "./icon";
import { onBack } from "./on-back";

interface DialogProps {
  title: string;
  /** Beneath the title. */
  about?: ReactNode;
  wide?: boolean;
  children?: ReactNode;
  /** Buttons at the foot. */
  foot?: ReactNode;
  onClose(): void;
}

/** One thing before everything else. It is there while it is rendered; Esc, Back and a click beside it close it. */
export const Dialog = ({ title, about, wide, children, foot, onClose }: DialogProps): ReactNode => {
  useEffect(swallowSecondClick, []);
  useClosedByBack(onClose);
  useFocusReturn();
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        {/* Not Radix' overlay: it would write a style element, which the page's policy forbids. */}
        <div className="shade" />
        <Radix.Content
          className={`dlg ${wide ? "wide" : ""}`}
          {...(about === undefined && { "aria-describedby": undefined })}
        >
          <div className="dlgh">
            <Radix.Title asChild>
              <h1>{title}</h1>
            </Radix.Title>
            {about !== undefined && (
              <Radix.Description asChild>
                <p>{about}</p>
              </Radix.Description>
            )}
          </div>
          {children !== undefined && <div className="dlgb">{children}</div>}
          {foot !== undefined && <div className="dlgf">{foot}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
};

/** The foot of a dialog that only tells. `children`: what else can be done, at its left. */
export const CloseFoot = ({ children, onClose }: Pick<DialogProps, "children" | "onClose">): ReactNode => (
  <>
    {children}
    <span className="grow" />
    <Button kind="primary" keys="Esc" onClick={onClose}>
      Close
    </Button>
  </>
);

/** What is asked of a page is not asked of the one before it, nor of the same one with another filter. */
const useClosedByBack = (onClose: () => void): void => {
  const latest = useRef(onClose);
  useEffect(() => {
    latest.current = onClose;
  });
  useEffect(() => onBack(() => latest.current()), []);
};

/** As long as the second click of a double click may take, and as far, in pixels, as the pointer may go until then. */
const DOUBLE_MS = 500;
const DOUBLE_PX = 6;
const POINTED = ["pointerdown", "pointerup", "mousedown", "mouseup", "click", "dblclick"] as const;

/** The second click on a button that has closed its dialog is not meant for what lies behind it. */
const swallowSecondClick = (): (() => void) => {
  let first = { x: 0, y: 0, at: -Infinity };
  const note = ({ clientX: x, clientY: y }: PointerEvent): void => void (first = { x, y, at: performance.now() });
  window.addEventListener("pointerdown", note, true);
  const swallow = (event: MouseEvent): void => {
    if (Math.hypot(event.clientX - first.x, event.clientY - first.y) > DOUBLE_PX) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  return () => {
    window.removeEventListener("pointerdown", note, true);
    const left = first.at + DOUBLE_MS - performance.now();
    if (left <= 0) return;
    for (const kind of POINTED) window.addEventListener(kind, swallow, true);
    setTimeout(() => {
      for (const kind of POINTED) window.removeEventListener(kind, swallow, true);
    }, left);
  };
};

interface ConfirmProps {
  title: string;
  about: ReactNode;
  /** What it does to whom. */
  children?: ReactNode;
  /** The safe way out: "Keep running". */
  keep: string;
  /** Verb and object: "Cancel 200 runs". */
  act: string;
  icon: IconName;
  danger?: boolean;
  /** Why it may not be done yet. */
  not?: string | false;
  onAct(): void;
  onClose(): void;
}

/** Asks before what cannot be undone. */
export const Confirm = ({
  title,
  about,
  children,
  keep,
  act,
  icon,
  danger,
  not,
  onAct,
  onClose,
}: ConfirmProps): ReactNode => {
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!not) onAct();
  };
  const foot = (
    <>
      <Button onClick={onClose} keys="Esc">
        {keep}
      </Button>
      <span className="grow" />
      <Button type="submit" form="confirm" icon={icon} kind={danger ? "danger" : "primary"} not={not}>
        {act}
      </Button>
    </>
  );
  return (
    <Dialog title={title} about={about} foot={foot} onClose={onClose}>
      <form id="confirm" onSubmit={submit}>
        {children}
      </form>
    </Dialog>
  );
};
